"""Faces and their expressions from an exported network, without TensorFlow."""

from keras_fer.inference.annotation import AnnotatedFolder
from keras_fer.inference.annotation import annotate
from keras_fer.inference.media import find_media
from keras_fer.inference.metadata import ModelError
from keras_fer.inference.metadata import NetworkInfo
from keras_fer.inference.metadata import read_info
from keras_fer.inference.metadata import write_info
from keras_fer.inference.network import LiteRTNetwork
from keras_fer.inference.predict import Summary
from keras_fer.inference.predict import predict_media
from keras_fer.inference.pretrained import DEFAULT
from keras_fer.inference.pretrained import find_pretrained
from keras_fer.inference.pretrained import pretrained_names
from keras_fer.inference.pretrained import sample_picture
from keras_fer.inference.pretrained import saved_models
from keras_fer.inference.recognizer import Answer
from keras_fer.inference.recognizer import Face
from keras_fer.inference.recognizer import Recognizer
from keras_fer.inference.records import RecordFile
from keras_fer.inference.records import Screen

__all__ = [
    "AnnotatedFolder",
    "Answer",
    "DEFAULT",
    "Face",
    "LiteRTNetwork",
    "ModelError",
    "NetworkInfo",
    "Recognizer",
    "RecordFile",
    "Screen",
    "Summary",
    "annotate",
    "find_media",
    "find_pretrained",
    "predict_media",
    "pretrained_names",
    "read_info",
    "sample_picture",
    "saved_models",
    "write_info",
]
