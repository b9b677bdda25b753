"""Layers, one public class a file."""

from keras_fer.layers.affinity_centers import AffinityCenters
from keras_fer.layers.channel_attention import ChannelAttention
from keras_fer.layers.channel_spatial_attention import ChannelSpatialAttention
from keras_fer.layers.class_centers import ClassCenters
from keras_fer.layers.constrained_angles import ConstrainedAngles
from keras_fer.layers.coordinate_attention import CoordinateAttention
from keras_fer.layers.cross_attention_head import CrossAttentionHead
from keras_fer.layers.dual_direction_attention import DualDirectionAttention
from keras_fer.layers.emotion_vectors import EmotionVectors
from keras_fer.layers.fused_batch_normalization import FusedBatchNormalization
from keras_fer.layers.gaussian_sampling import GaussianSampling
from keras_fer.layers.local_contrast_normalization import (
    LocalContrastNormalization,
)
from keras_fer.layers.mixed_depthwise_conv_2d import MixedDepthwiseConv2D
from keras_fer.layers.quadrant_pooling_2d import QuadrantPooling2D
from keras_fer.layers.spatial_attention import SpatialAttention
from keras_fer.layers.zero_bias_conv_2d import ZeroBiasConv2D

__all__ = [
    "AffinityCenters",
    "ChannelAttention",
    "ChannelSpatialAttention",
    "ClassCenters",
    "ConstrainedAngles",
    "CoordinateAttention",
    "CrossAttentionHead",
    "DualDirectionAttention",
    "EmotionVectors",
    "FusedBatchNormalization",
    "GaussianSampling",
    "LocalContrastNormalization",
    "MixedDepthwiseConv2D",
    "QuadrantPooling2D",
    "SpatialAttention",
    "ZeroBiasConv2D",
]
