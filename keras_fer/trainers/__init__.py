"""Training procedures: optimizers, callbacks, models that hold a network."""

from keras_fer.trainers.coupled_sgd import CoupledSGD
from keras_fer.trainers.fader_network import FaderNetwork
from keras_fer.trainers.guided_autoencoder import GuidedAutoencoder
from keras_fer.trainers.reload_on_plateau import ReloadOnPlateau
from keras_fer.trainers.run_checkpoint import RunCheckpoint
from keras_fer.trainers.semi_supervised_vae import SemiSupervisedVAE
from keras_fer.trainers.stop_on_rises import StopOnRises
from keras_fer.trainers.triplet_center_trainer import TripletCenterTrainer

__all__ = [
    "CoupledSGD",
    "FaderNetwork",
    "GuidedAutoencoder",
    "ReloadOnPlateau",
    "RunCheckpoint",
    "SemiSupervisedVAE",
    "StopOnRises",
    "TripletCenterTrainer",
]
