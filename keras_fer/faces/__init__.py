"""Finding and cropping faces: NumPy and OpenCV only."""

from keras_fer.faces.crop import crop_face
from keras_fer.faces.crop import resize_face
from keras_fer.faces.haar import detect_faces

__all__ = ["crop_face", "detect_faces", "resize_face"]
