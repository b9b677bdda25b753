"""Networks as files for other programs, each proved equal to the original."""

from keras_fer.export.litert import export_litert
from keras_fer.export.onnx import export_onnx
from keras_fer.export.parity import ExportError
from keras_fer.export.parity import ParityReport
from keras_fer.export.part import export_part
from keras_fer.export.saved_model import export_saved_model
from keras_fer.export.serving import serving_model
from keras_fer.export.serving import weights_sha256

__all__ = [
    "ExportError",
    "ParityReport",
    "export_litert",
    "export_onnx",
    "export_part",
    "export_saved_model",
    "serving_model",
    "weights_sha256",
]
