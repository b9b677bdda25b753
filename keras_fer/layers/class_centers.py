"""A center for each class in the space of an embedding."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class ClassCenters(keras.layers.Layer):
    """Half the squared distance of embeddings to a learned center a class.

    The nearest center names the class. Losses on this head: `CenterLoss`,
    `TripletCenterLoss`. Computed in float32 under mixed precision, since small
    differences of large numbers are what counts.

    Args:
        num_classes: number of centers.
        initializer: of the centers; by default N(0, 0.01), the deviation.

    Input shape:
        `(batch, embedding_dim)`.
    Output shape:
        `(batch, num_classes)`, float32, at least 0.

    Example:

    >>> import numpy as np
    >>> from keras_fer import layers
    >>> centers = layers.ClassCenters(2, initializer="zeros")
    >>> centers(np.array([[3.0, 4.0]])).numpy().tolist()
    [[12.5, 12.5]]

    Reference:
        - DAF-CNN, equations 6 and 7.
        - [He et al., 2018](https://arxiv.org/abs/1803.06189)
    """

    def __init__(self, num_classes: int, initializer=None, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.num_classes = num_classes
        self.initializer = keras.initializers.get(
            initializer or keras.initializers.RandomNormal(stddev=0.01)
        )

    def build(self, input_shape):
        self.centers = self.add_weight(
            shape=(self.num_classes, input_shape[-1]),
            initializer=self.initializer,
            name="centers",
        )

    def call(self, inputs):
        differences = inputs[:, None] - ops.convert_to_tensor(self.centers)
        return ops.sum(ops.square(differences), axis=2) / 2

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "initializer": keras.initializers.serialize(self.initializer),
        }
