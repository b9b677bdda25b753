"""Networks, one a file: builders of plain functional Keras models."""

from keras_fer.models.cake import CAKE
from keras_fer.models.cake import CAKENetwork
from keras_fer.models.daf_cnn import DAFCNN
from keras_fer.models.dan import DAN
from keras_fer.models.ddamfn import DDAMFN
from keras_fer.models.emma import EMMA
from keras_fer.models.emma import compose
from keras_fer.models.expression_cnn import ExpressionCNN
from keras_fer.models.generative import Autoencoder
from keras_fer.models.generative import FaderDecoder
from keras_fer.models.generative import VAEDecoder
from keras_fer.models.generative import VAEEncoder
from keras_fer.models.generative import expression_axes
from keras_fer.models.published_weights import load_published_weights
from keras_fer.models.resnet18 import ResNet18
from keras_fer.models.siamese_comparator import ComparatorEncoder
from keras_fer.models.siamese_comparator import SiameseComparator
from keras_fer.models.zero_bias_cnn import ZeroBiasCNN

__all__ = [
    "Autoencoder",
    "CAKE",
    "CAKENetwork",
    "ComparatorEncoder",
    "DAFCNN",
    "DAN",
    "DDAMFN",
    "EMMA",
    "ExpressionCNN",
    "FaderDecoder",
    "ResNet18",
    "SiameseComparator",
    "VAEDecoder",
    "VAEEncoder",
    "ZeroBiasCNN",
    "compose",
    "expression_axes",
    "load_published_weights",
]
