"""Softmax cross-entropy of several corpora, each by its own classifier."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="keras_fer")
class MultiDomainCrossentropy(keras.losses.Loss):
    """Cross-entropy of batches that mix corpora of very unequal size.

    A sample goes through the classifier of its own corpus alone. Its weight is
    `N / (N_class · classes)`, as if all expressions of the corpus were equally
    frequent, times `1 / ln N`, so that a large corpus does not drown a small
    one. Weights are not normalized, as in the paper.

    Args:
        counts: for each corpus the training images of each class, by its name:
            `{"affectnet": (75374, …), "sfew": (…)}`. The order is that of the
            outputs. A class with 0 images has no weight and does not count
            among the classes.
        domain_weights: `False` leaves `1 / ln N` out.
        reduction: as of every Keras loss.
        name: name of the loss.

    Call arguments:
        y_true: int `(batch, 2)`: the number of the corpus, and that of the
            class among its classes.
        y_pred: `(batch, classes of all corpora)`, the logits of the corpora
            one after the other, as `models.CAKE` gives them.

    Raises:
        ValueError: a corpus has fewer than two images or no class.

    Example:

    >>> import numpy as np
    >>> from keras_fer import losses
    >>> loss = losses.MultiDomainCrossentropy({"a": (30, 10), "b": (5, 5, 0)})
    >>> targets = np.array([[0, 1], [1, 0]])
    >>> round(float(loss(targets, np.zeros((2, 5)))), 4)
    0.4265

    Reference:
        - CAKE, equations 1 and 2. The logarithm is taken as the natural one.
    """

    def __init__(
        self,
        counts: dict,
        domain_weights: bool = True,
        reduction: str = "sum_over_batch_size",
        name: str = "multi_domain_crossentropy",
        **kwargs,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.counts = {k: [int(n) for n in v] for k, v in counts.items()}
        self.domain_weights = domain_weights
        weights, domains = [], []
        for number, (domain, images) in enumerate(self.counts.items()):
            images = np.array(images)
            total, present = images.sum(), (images > 0).sum()
            if total < 2 or not present:
                raise ValueError(
                    "`counts` must hold the images of each class of a corpus. "
                    f"Received: {self.counts[domain]} for {domain!r}"
                )
            of_class = np.zeros(len(images))
            of_class[images > 0] = total / (images[images > 0] * present)
            if domain_weights:
                of_class /= np.log(total)
            weights.append(of_class)
            domains += [number] * len(images)
        self._starts = np.cumsum([0, *(len(w) for w in weights)])[:-1]
        self._weights = np.concatenate(weights).astype("float32")
        self._domains = np.array(domains)

    def call(self, y_true, y_pred):
        y_true = ops.cast(y_true, "int32")
        logits = ops.cast(y_pred, "float32")
        column = ops.take(self._starts.astype("int32"), y_true[:, 0])
        column = column + y_true[:, 1]
        own = self._domains[None] == y_true[:, :1]
        logits = ops.where(own, logits, -1e9)
        losses = (
            ops.logsumexp(logits, axis=1)
            - ops.take_along_axis(logits, column[:, None], axis=1)[:, 0]
        )
        return losses * ops.take(self._weights, column)

    def get_config(self):
        return {
            **super().get_config(),
            "counts": self.counts,
            "domain_weights": self.domain_weights,
        }
