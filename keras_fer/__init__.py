"""Facial expression recognition in Keras: models, losses, training, analysis.

Importing the package takes neither TensorFlow nor OpenCV. Each room is a
module of its own: `from keras_fer import models`.
"""

__version__ = "0.1.0"
