"""What a network learned."""

from keras_fer.analysis.action_unit_divergence import ActionUnitDivergence
from keras_fer.analysis.action_unit_divergence import action_unit_divergence
from keras_fer.analysis.affect_alignment import AffectAlignment
from keras_fer.analysis.affect_alignment import affect_alignment
from keras_fer.analysis.attention_maps import attention_maps
from keras_fer.analysis.axis_statistics import AxisStatistics
from keras_fer.analysis.axis_statistics import axis_statistics
from keras_fer.analysis.class_activation_maps import class_activation_maps
from keras_fer.analysis.class_directions import ClassDirections
from keras_fer.analysis.class_directions import class_directions
from keras_fer.analysis.disentanglement import Disentanglement
from keras_fer.analysis.disentanglement import measure_disentanglement
from keras_fer.analysis.embedding_statistics import EmbeddingStatistics
from keras_fer.analysis.embedding_statistics import embedding_statistics
from keras_fer.analysis.embeddings import embeddings
from keras_fer.analysis.emotion_map import EmotionMap
from keras_fer.analysis.emotion_map import emotion_map
from keras_fer.analysis.guided_backpropagation import FilterPatterns
from keras_fer.analysis.guided_backpropagation import filter_patterns
from keras_fer.analysis.guided_backpropagation import filter_responses
from keras_fer.analysis.guided_backpropagation import guided_backpropagation
from keras_fer.analysis.latents import change_expression
from keras_fer.analysis.latents import decode
from keras_fer.analysis.latents import encode
from keras_fer.analysis.latents import interpolate
from keras_fer.analysis.latents import traversal_values
from keras_fer.analysis.latents import traverse
from keras_fer.analysis.layer_outputs import find_layer
from keras_fer.analysis.region_overlap import region_overlap

__all__ = [
    "ActionUnitDivergence",
    "AffectAlignment",
    "AxisStatistics",
    "ClassDirections",
    "Disentanglement",
    "EmbeddingStatistics",
    "EmotionMap",
    "FilterPatterns",
    "action_unit_divergence",
    "affect_alignment",
    "attention_maps",
    "axis_statistics",
    "change_expression",
    "class_activation_maps",
    "class_directions",
    "decode",
    "embedding_statistics",
    "embeddings",
    "emotion_map",
    "encode",
    "filter_patterns",
    "filter_responses",
    "find_layer",
    "guided_backpropagation",
    "interpolate",
    "measure_disentanglement",
    "region_overlap",
    "traversal_values",
    "traverse",
]
