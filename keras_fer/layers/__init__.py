"""Layers, one public class a file."""

from keras_fer.layers.channel_attention import ChannelAttention
from keras_fer.layers.channel_spatial_attention import ChannelSpatialAttention
from keras_fer.layers.class_centers import ClassCenters
from keras_fer.layers.fused_batch_normalization import FusedBatchNormalization
from keras_fer.layers.local_contrast_normalization import (
    LocalContrastNormalization,
)
from keras_fer.layers.quadrant_pooling_2d import QuadrantPooling2D
from keras_fer.layers.spatial_attention import SpatialAttention
from keras_fer.layers.zero_bias_conv_2d import ZeroBiasConv2D

__all__ = [
    "ChannelAttention",
    "ChannelSpatialAttention",
    "ClassCenters",
    "FusedBatchNormalization",
    "LocalContrastNormalization",
    "QuadrantPooling2D",
    "SpatialAttention",
    "ZeroBiasConv2D",
]
