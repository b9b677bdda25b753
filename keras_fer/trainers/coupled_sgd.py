"""Stochastic gradient descent whose weight decay is part of the gradient."""

import keras


@keras.saving.register_keras_serializable(package="keras_fer")
class CoupledSGD(keras.optimizers.SGD):
    """Descend with classical momentum and weight decay inside the gradient.

        v = momentum * v - learning_rate * (g + coupled_weight_decay * w)
        w = w + v

    This is what published code means by SGD with weight decay: the decay goes
    through the momentum and takes in every weight, biases too. The
    `weight_decay` of Keras' optimizers is decoupled instead (it shrinks the
    weights beside the step).

    Args:
        learning_rate: step size, a number or a schedule.
        momentum: share of the last step that is kept.
        coupled_weight_decay: factor of the weights in the gradient.
        kwargs: further arguments of `keras.optimizers.SGD`.

    Example:

    >>> import keras
    >>> from keras_fer import trainers
    >>> weight = keras.Variable([1.0])
    >>> optimizer = trainers.CoupledSGD(0.5, coupled_weight_decay=0.1)
    >>> optimizer.build([weight])
    >>> optimizer.apply([keras.ops.convert_to_tensor([1.0])])
    >>> round(float(weight[0]), 4)  # 1 - 0.5 * (1 + 0.1 * 1)
    0.45

    Reference:
        - [Khorrami et al., 2015, section 3.2](https://arxiv.org/abs/1510.02969)
          and its published update rule.
    """

    def __init__(
        self,
        learning_rate=0.01,
        momentum: float = 0.9,
        coupled_weight_decay: float = 0.0,
        name: str = "coupled_sgd",
        **kwargs,
    ):
        super().__init__(learning_rate, momentum=momentum, name=name, **kwargs)
        self.coupled_weight_decay = coupled_weight_decay

    def update_step(self, gradient, variable, learning_rate):
        decay = self.coupled_weight_decay * variable
        super().update_step(gradient + decay, variable, learning_rate)

    def get_config(self):
        return {
            **super().get_config(),
            "coupled_weight_decay": self.coupled_weight_decay,
        }
