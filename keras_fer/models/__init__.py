"""Networks, one a file: builders of plain functional Keras models."""

from keras_fer.models.cake import CAKE
from keras_fer.models.cake import CAKENetwork
from keras_fer.models.daf_cnn import DAFCNN
from keras_fer.models.resnet18 import ResNet18
from keras_fer.models.zero_bias_cnn import ZeroBiasCNN

__all__ = ["CAKE", "CAKENetwork", "DAFCNN", "ResNet18", "ZeroBiasCNN"]
