"""Losses, one a file; every learnable number lives in a layer."""

from keras_fer.losses.affinity_loss import AffinityLoss
from keras_fer.losses.angular_margin_loss import AngularMarginLoss
from keras_fer.losses.attention_loss import AttentionLoss
from keras_fer.losses.center_loss import CenterLoss
from keras_fer.losses.concordance_loss import ConcordanceLoss
from keras_fer.losses.constrained_angle_loss import ConstrainedAngleLoss
from keras_fer.losses.contrastive_loss import ContrastiveLoss
from keras_fer.losses.multi_domain_crossentropy import MultiDomainCrossentropy
from keras_fer.losses.partition_loss import PartitionLoss
from keras_fer.losses.supervised_contrastive_loss import (
    SupervisedContrastiveLoss,
)
from keras_fer.losses.triplet_center_loss import TripletCenterLoss
from keras_fer.losses.triplet_loss import TripletLoss

__all__ = [
    "AffinityLoss",
    "AngularMarginLoss",
    "AttentionLoss",
    "CenterLoss",
    "ConcordanceLoss",
    "ConstrainedAngleLoss",
    "ContrastiveLoss",
    "MultiDomainCrossentropy",
    "PartitionLoss",
    "SupervisedContrastiveLoss",
    "TripletCenterLoss",
    "TripletLoss",
]
