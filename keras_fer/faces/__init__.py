"""Finding and cropping faces: NumPy and OpenCV only."""

from keras_fer.faces.haar import detect_faces

__all__ = ["detect_faces"]
