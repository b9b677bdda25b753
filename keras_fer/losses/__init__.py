"""Losses, one a file; every learnable number lives in a layer."""

from keras_fer.losses.center_loss import CenterLoss
from keras_fer.losses.triplet_center_loss import TripletCenterLoss
from keras_fer.losses.triplet_loss import TripletLoss

__all__ = ["CenterLoss", "TripletCenterLoss", "TripletLoss"]
