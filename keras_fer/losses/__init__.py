"""Losses, one a file; every learnable number lives in a layer."""

from keras_fer.losses.center_loss import CenterLoss
from keras_fer.losses.concordance_loss import ConcordanceLoss
from keras_fer.losses.multi_domain_crossentropy import MultiDomainCrossentropy
from keras_fer.losses.triplet_center_loss import TripletCenterLoss
from keras_fer.losses.triplet_loss import TripletLoss

__all__ = [
    "CenterLoss",
    "ConcordanceLoss",
    "MultiDomainCrossentropy",
    "TripletCenterLoss",
    "TripletLoss",
]
