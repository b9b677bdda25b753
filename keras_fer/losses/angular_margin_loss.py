"""Softmax over angles with a margin: ArcFace and CosFace."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class AngularMarginLoss(keras.losses.Loss):
    """Softmax cross entropy of cosines, the own class made harder to reach.

    With `angle` radians added to the own class' angle it is ArcFace, with
    `cosine` taken from its cosine CosFace; with neither a softmax over scaled
    cosines. A network that is served needs the scale as well, since the softmax
    of bare cosines is nearly flat: put `keras.layers.Rescaling(scale)` behind
    it.

    Args:
        scale: what the cosines are multiplied by; it stands for the length of
            the features.
        angle: added to the angle of the own class, radians; where that would
            pass 180°, angle · sin(angle) is taken from the cosine, as in the
            published code of ArcFace.
        cosine: taken from the cosine of the own class.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: `(batch,)` or `(batch, 1)`, numbers of classes.
        y_pred: `(batch, num_classes)`, cosines, as `layers.EmotionVectors`
            gives them.

    Raises:
        ValueError: a margin is negative, the angle more than 180°, or the
            scale not above 0.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> cosines = np.array([[0.9, 0.4]])
    >>> loss = losses.AngularMarginLoss(scale=1.0, cosine=0.5)
    >>> round(float(loss(np.array([0]), cosines)), 4)  # two equal logits
    0.6931

    Reference:
        - [Deng et al., 2019](https://arxiv.org/abs/1801.07698) (ArcFace)
        - [Wang et al., 2018](https://arxiv.org/abs/1801.09414) (CosFace)
    """

    def __init__(
        self,
        scale: float = 64.0,
        angle: float = 0.0,
        cosine: float = 0.0,
        reduction: str = "sum_over_batch_size",
        name: str = "angular_margin_loss",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if scale <= 0 or not 0 <= angle < math.pi or cosine < 0:
            raise ValueError(
                "`scale` must be above 0, `angle` from 0 to π, `cosine` at "
                "least 0. "
                f"Received: {scale}, {angle} and {cosine}"
            )
        self.scale, self.angle, self.cosine = scale, angle, cosine

    def call(self, y_true, y_pred):
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        cosines = ops.cast(y_pred, "float32")
        own = ops.arange(cosines.shape[-1])[None] == labels[:, None]
        if self.angle:
            # The slope of arccos has no end at ±1.
            angles = ops.arccos(ops.clip(cosines, -1 + 1e-6, 1 - 1e-6))
            # Past 180° the cosine would rise again.
            harder = ops.where(
                angles > math.pi - self.angle,
                cosines - self.angle * math.sin(self.angle),
                ops.cos(angles + self.angle),
            )
        else:
            harder = cosines
        logits = ops.where(own, harder - self.cosine, cosines)
        return ops.sparse_categorical_crossentropy(
            labels, self.scale * logits, from_logits=True
        )

    def get_config(self):
        return {
            **super().get_config(),
            "scale": self.scale,
            "angle": self.angle,
            "cosine": self.cosine,
        }
