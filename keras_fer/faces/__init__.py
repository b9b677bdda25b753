"""Reading pictures, finding and cropping faces: NumPy, OpenCV and Pillow."""

from keras_fer.faces.crop import crop_face
from keras_fer.faces.crop import cut
from keras_fer.faces.crop import face_square
from keras_fer.faces.crop import fit_face
from keras_fer.faces.crop import middle
from keras_fer.faces.crop import resize_face
from keras_fer.faces.crop import to_channels
from keras_fer.faces.haar import detect_faces
from keras_fer.faces.image import MIN_SIDE
from keras_fer.faces.image import InputError
from keras_fer.faces.image import read_image

__all__ = [
    "InputError",
    "MIN_SIDE",
    "crop_face",
    "cut",
    "detect_faces",
    "face_square",
    "fit_face",
    "middle",
    "read_image",
    "resize_face",
    "to_channels",
]
