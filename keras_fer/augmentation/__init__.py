"""Each paper's augmentation as a Keras layer."""

from keras_fer.augmentation.augmentation import Augmentation
from keras_fer.augmentation.cake_augmentation import CAKEAugmentation
from keras_fer.augmentation.dafcnn_augmentation import DAFCNNAugmentation
from keras_fer.augmentation.dan_augmentation import DANAugmentation
from keras_fer.augmentation.facial_emotion_vae_augmentation import (
    FacialEmotionVAEAugmentation,
)
from keras_fer.augmentation.mixup import Mixup
from keras_fer.augmentation.zero_bias_augmentation import ZeroBiasAugmentation

__all__ = [
    "Augmentation",
    "CAKEAugmentation",
    "DAFCNNAugmentation",
    "DANAugmentation",
    "FacialEmotionVAEAugmentation",
    "Mixup",
    "ZeroBiasAugmentation",
]
