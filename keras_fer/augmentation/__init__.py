"""Each paper's augmentation as a Keras layer."""

from keras_fer.augmentation.zero_bias_augmentation import ZeroBiasAugmentation

__all__ = ["ZeroBiasAugmentation"]
