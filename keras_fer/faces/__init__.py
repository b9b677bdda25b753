"""Reading pictures, finding and cropping faces: NumPy, OpenCV and Pillow."""

from keras_fer.faces.align import TEMPLATE
from keras_fer.faces.align import TRANSFORMS
from keras_fer.faces.align import align_face
from keras_fer.faces.align import alignment
from keras_fer.faces.align import five_landmarks
from keras_fer.faces.crop import MARGIN
from keras_fer.faces.crop import crop_face
from keras_fer.faces.crop import cut
from keras_fer.faces.crop import face_square
from keras_fer.faces.crop import fit_face
from keras_fer.faces.crop import middle
from keras_fer.faces.crop import resize_face
from keras_fer.faces.crop import to_channels
from keras_fer.faces.detect import DETECTORS
from keras_fer.faces.detect import Detections
from keras_fer.faces.detect import detect_faces
from keras_fer.faces.image import IMAGE_TYPES
from keras_fer.faces.image import MIN_SIDE
from keras_fer.faces.image import InputError
from keras_fer.faces.image import read_image

__all__ = [
    "DETECTORS",
    "Detections",
    "IMAGE_TYPES",
    "InputError",
    "MARGIN",
    "MIN_SIDE",
    "TEMPLATE",
    "TRANSFORMS",
    "align_face",
    "alignment",
    "crop_face",
    "cut",
    "detect_faces",
    "face_square",
    "fit_face",
    "five_landmarks",
    "middle",
    "read_image",
    "resize_face",
    "to_channels",
]
