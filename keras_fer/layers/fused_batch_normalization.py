"""Batch normalization in one operation."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_fer")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization whose training step is one TensorFlow operation.

    The same numbers as `keras.layers.BatchNormalization`, whose arguments and
    weights it has. That layer makes a dozen float32 operations of it
    (https://github.com/keras-team/keras-core/issues/225), which on CPUs cost a
    small network as much as all its convolutions: see
    `tests/benchmarks/batch_normalization.py`.

    Maps of features, channels last, without mask, in float32 or mixed
    precision, are normalized in one operation while training; all else is left
    to Keras.

    Input shape:
        Any; fused for `(batch, height, width, channels)`.
    Output shape:
        As the input.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> maps = np.random.default_rng(0).normal(3, 2, (8, 6, 6, 4))
    >>> normalized = layers.FusedBatchNormalization()(maps, training=True)
    >>> bool(abs(normalized.numpy().std() - 1) < 1e-2)
    True

    Reference:
        - [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167)
    """

    def call(self, inputs, training=None, mask=None):
        if (
            not (training and self.trainable)
            or mask is not None
            or len(inputs.shape) != 4
            or self.axis not in (-1, 3)
            or self.variable_dtype != "float32"
            or inputs.dtype not in (tf.float32, tf.float16, tf.bfloat16)
            or self.renorm
            or self.synchronized
        ):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        scale = self.gamma if self.scale else tf.ones([channels])
        offset = self.beta if self.center else tf.zeros([channels])
        # oneDNN has a fast kernel in bfloat16 for whole vectors alone.
        slow = inputs.dtype == tf.bfloat16 and channels % 16
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, tf.float32) if slow else inputs,
            scale=tf.convert_to_tensor(scale),
            offset=tf.convert_to_tensor(offset),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The operation gives the variance of the population; Keras keeps that
        # of the batch.
        count = tf.cast(tf.size(inputs) // channels, variance.dtype)
        variance = variance * (count - 1) / count
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * self.momentum + value * (1 - self.momentum))
        return tf.cast(outputs, inputs.dtype)
