"""Numbers in, matplotlib axes out. matplotlib is imported when drawing."""

from keras_fer.visualization.answers import plot_answers
from keras_fer.visualization.attention import plot_attention
from keras_fer.visualization.calibration import plot_calibration
from keras_fer.visualization.class_counts import plot_class_counts
from keras_fer.visualization.colors import EXPRESSION_COLORS
from keras_fer.visualization.confusion_matrix import plot_confusion_matrix
from keras_fer.visualization.dimensions import plot_dimensions
from keras_fer.visualization.divergence import plot_divergence
from keras_fer.visualization.embedding import plot_embedding
from keras_fer.visualization.embedding_space import write_embedding_space
from keras_fer.visualization.emotion_map import plot_emotion_map
from keras_fer.visualization.estimates import plot_estimates
from keras_fer.visualization.faces import plot_faces
from keras_fer.visualization.folds import plot_folds
from keras_fer.visualization.gif import write_gif
from keras_fer.visualization.history import plot_history
from keras_fer.visualization.latents import plot_latents
from keras_fer.visualization.parity import plot_parity
from keras_fer.visualization.patterns import plot_patterns
from keras_fer.visualization.slopes import plot_slopes
from keras_fer.visualization.strips import plot_strips

__all__ = [
    "EXPRESSION_COLORS",
    "plot_answers",
    "plot_attention",
    "plot_calibration",
    "plot_class_counts",
    "plot_confusion_matrix",
    "plot_dimensions",
    "plot_divergence",
    "plot_embedding",
    "plot_emotion_map",
    "plot_estimates",
    "plot_faces",
    "plot_folds",
    "plot_history",
    "plot_latents",
    "plot_parity",
    "plot_patterns",
    "plot_slopes",
    "plot_strips",
    "write_embedding_space",
    "write_gif",
]
