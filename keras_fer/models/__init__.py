"""Networks, one paper a file: builders of plain functional Keras models."""

from keras_fer.models.daf_cnn import DAFCNN
from keras_fer.models.zero_bias_cnn import ZeroBiasCNN

__all__ = ["DAFCNN", "ZeroBiasCNN"]
