"""Training with softmax and triplet-center loss, centers as in the paper."""

import keras
import tensorflow as tf
from keras import ops

from keras_fer import losses
from keras_fer.losses.triplet_center_loss import own_and_nearest


@keras.saving.register_keras_serializable(package="keras_fer")
class TripletCenterTrainer(keras.Model):
    """Train a network with class centers by equations 9 to 13 of DAF-CNN.

    The optimizer learns the network from the softmax loss plus `loss_weight`
    times the triplet-center loss, both means over the batch. The centers are
    not the optimizer's: each moves by `center_rate` times equation 12, toward
    the mean of its own faces and away from those that it is the nearest wrong
    center of, counting only faces that violate the margin. (Equation 12 calls
    this the derivative. Of either part it has the direction of descent; the
    parts are divided by numbers of their own, so that with few faces of one
    class and many of another their sum may not.) Sample weights count there as
    well: a face of weight 2 is two faces. Where the loss of a step is
    not finite, as float16 may have it, the centers stay.

    Metrics given to `compile` are measured on the logits.

    Args:
        network: model with the heads `"logits"`, `"embedding"` and
            `"distances"`, the last by a layer `ClassCenters` of that name.
        margin: of the triplet-center loss.
        loss_weight: of the triplet-center loss, λ.
        center_rate: α, which the paper does not give; .5 is that of the center
            loss.
        softmax: `False` leaves the softmax loss out, for networks whose
            logits are the negative distances, as `DAFCNN(classifier="centers")`
            has them: the nearest center names the class.

    Raises:
        ValueError: the network lacks one of the heads.

    Example:

    >>> import keras, numpy as np
    >>> from keras_fer import layers, trainers
    >>> features = keras.Input((8,))
    >>> embedding = keras.layers.Dense(4, name="embedding")(features)
    >>> heads = {
    ...     "embedding": embedding,
    ...     "logits": keras.layers.Dense(7, name="logits")(embedding),
    ...     "distances": layers.ClassCenters(7, name="distances")(embedding),
    ... }
    >>> trainer = trainers.TripletCenterTrainer(keras.Model(features, heads))
    >>> trainer.compile("adam", metrics=["accuracy"])
    >>> data = np.ones((14, 8)), np.arange(14) % 7
    >>> history = trainer.fit(*data, verbose=0)
    >>> sorted(history.history)
    ['accuracy', 'loss', 'softmax', 'triplet_center']

    Reference:
        - DAF-CNN, section 3.3.
    """

    def __init__(
        self,
        network: keras.Model,
        margin: float = 11.0,
        loss_weight: float = 0.007,
        center_rate: float = 0.5,
        softmax: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        missing = {"logits", "embedding", "distances"} - set(
            network.output if isinstance(network.output, dict) else ()
        )
        if missing:
            raise ValueError(
                f"the network needs the heads {', '.join(sorted(missing))}"
            )
        self.network = network
        self.margin = margin
        self.loss_weight = loss_weight
        self.center_rate = center_rate
        self.softmax = softmax
        self.triplet_center_loss = losses.TripletCenterLoss(margin)
        self.softmax_loss = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True
        )
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in ("softmax", "triplet_center")
        }

    @property
    def centers(self):
        """The centers, a variable `(num_classes, embedding_dim)`."""
        return self.network.get_layer("distances").centers

    def call(self, inputs, training=None):
        return self.network(inputs, training=training)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        softmax, triplet_center = (
            loss(y, y_pred[head], sample_weight)
            for loss, head in (
                (self.softmax_loss, "logits"),
                (self.triplet_center_loss, "distances"),
            )
        )
        # Each of several devices has its part of the mean over the batch.
        devices = tf.distribute.get_strategy().num_replicas_in_sync
        count = ops.shape(y)[0]
        self.trackers["softmax"].update_state(devices * softmax, count)
        self.trackers["triplet_center"].update_state(
            devices * triplet_center, count
        )
        total = self.loss_weight * triplet_center
        if self.softmax:
            total += softmax
        return total + sum(self.losses) / devices

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, y, y_pred["logits"], sample_weight)

    def train_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        if not self.optimizer.built:
            # Of all variables, as when it is loaded from a file.
            with tf.init_scope():
                self.optimizer.build(self.trainable_variables)
        variables = [
            v for v in self.trainable_variables if v is not self.centers
        ]
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, [v.value for v in variables])
        # With the softmax alone or without it some weights have no part.
        pairs = [
            (gradient, variable)
            for gradient, variable in zip(gradients, variables, strict=True)
            if gradient is not None
        ]
        sums = center_sums(
            y,
            y_pred["embedding"],
            y_pred["distances"],
            self.centers,
            self.margin,
            sample_weight,
        )
        replica = tf.distribute.get_replica_context()
        if replica.num_replicas_in_sync > 1:
            sums = replica.all_reduce("sum", sums)
        moved = self.center_rate * center_update(*sums)
        self.optimizer.apply_gradients(pairs)
        finite = ops.all(ops.isfinite(moved)) & ops.isfinite(loss)
        self.centers.assign_add(ops.where(finite, moved, 0.0))
        loss_metric(self).update_state(
            loss * replica.num_replicas_in_sync,
            sample_weight=ops.shape(y)[0],
        )
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def get_config(self):
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self.network),
            "margin": self.margin,
            "loss_weight": self.loss_weight,
            "center_rate": self.center_rate,
            "softmax": self.softmax,
        }

    @classmethod
    def from_config(cls, config):
        network = keras.saving.deserialize_keras_object(config.pop("network"))
        return cls(network, **config)


def loss_metric(model: keras.Model) -> keras.metrics.Metric:
    """The mean that a compiled model shows as its loss."""
    return next(metric for metric in model.metrics if metric.name == "loss")


def center_sums(
    labels, embeddings, distances, centers, margin, sample_weight=None
):
    """Sums and counts of equation 12, which add up over parts of a batch.

    Args:
        labels: `(batch,)` or `(batch, 1)`.
        embeddings: `(batch, embedding_dim)`.
        distances: `(batch, num_classes)`, half squared.
        centers: `(num_classes, embedding_dim)`.
        margin: of the triplet-center loss.
        sample_weight: `(batch,)` or `(batch, 1)`, how often each face counts.

    Returns:
        For the own faces of each center the sum of their offsets,
        `(num_classes, embedding_dim)`, and their number, `(num_classes, 1)`;
        then the same for the faces that it is the nearest wrong center of.
    """
    embeddings = ops.cast(embeddings, "float32")
    labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
    classes = distances.shape[-1]
    own, nearest = own_and_nearest(labels, distances)
    counted = ops.cast(own + margin - nearest > 0, "float32")
    if sample_weight is not None:
        counted *= ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
    of_class = ops.one_hot(labels, classes)
    others = ops.where(of_class > 0, float("inf"), distances)
    of_nearest = ops.one_hot(ops.argmin(others, axis=1), classes)
    sums = []
    for chosen in (of_class, of_nearest):
        chosen = counted[:, None] * chosen
        count = ops.sum(chosen, axis=0)[:, None]
        summed = ops.matmul(ops.transpose(chosen), embeddings)
        sums += [summed - count * centers, count]
    return sums


def center_update(own, own_count, wrong, wrong_count):
    """Equation 12: where each center goes, from what `center_sums` gives."""
    return own / (1 + own_count) - wrong / (1 + wrong_count)
