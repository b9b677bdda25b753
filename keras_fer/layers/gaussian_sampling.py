"""A point of a normal distribution, through which gradients pass."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class GaussianSampling(keras.layers.Layer):
    """Draw from N(mean, exp(log_variance)) in training, else give the mean.

    Computed in float32 under mixed precision.

    Args:
        seed: integer seed of the draws.

    Call arguments:
        inputs: means and logarithms of variances, a list of two `(batch,
            latents)`.
        training: whether to draw.

    Output shape:
        `(batch, latents)`, float32.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> stats = [np.ones((1, 2)), np.zeros((1, 2))]
    >>> layers.GaussianSampling()(stats).numpy().tolist()
    [[1.0, 1.0]]

    Reference:
        - [Kingma and Welling, 2014](https://arxiv.org/abs/1312.6114), section
          2.4.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        mean, log_variance = inputs
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
