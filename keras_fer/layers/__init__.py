"""Layers, one public class a file."""

from keras_fer.layers.local_contrast_normalization import (
    LocalContrastNormalization,
)
from keras_fer.layers.quadrant_pooling_2d import QuadrantPooling2D
from keras_fer.layers.zero_bias_conv_2d import ZeroBiasConv2D

__all__ = [
    "LocalContrastNormalization",
    "QuadrantPooling2D",
    "ZeroBiasConv2D",
]
