"""Procedural faces: drawn from action units, so every label is known.

A face is a mean shape, moved by the modes in which people differ and by the
action units of the Facial Action Coding System, turned, lit, painted and
photographed. Expressions are drawn around the prototypes of EMFACS.
"""

from keras_fer.datasets.procedural.corpus import INFO
from keras_fer.datasets.procedural.corpus import draw_faces
from keras_fer.datasets.procedural.corpus import draw_sequence
from keras_fer.datasets.procedural.corpus import draw_split
from keras_fer.datasets.procedural.corpus import load_data
from keras_fer.datasets.procedural.domains import DOMAINS
from keras_fer.datasets.procedural.domains import Domain
from keras_fer.datasets.procedural.drawing import Faces
from keras_fer.datasets.procedural.drawing import landmarks
from keras_fer.datasets.procedural.drawing import render
from keras_fer.datasets.procedural.drawing import unit_region
from keras_fer.datasets.procedural.expressions import COMPOUNDS
from keras_fer.datasets.procedural.expressions import PROTOTYPES
from keras_fer.datasets.procedural.expressions import Prototype
from keras_fer.datasets.procedural.scenes import Scene
from keras_fer.datasets.procedural.scenes import draw_scene
from keras_fer.datasets.procedural.shape import UNITS

__all__ = [
    "COMPOUNDS",
    "DOMAINS",
    "Domain",
    "Faces",
    "INFO",
    "PROTOTYPES",
    "Prototype",
    "Scene",
    "UNITS",
    "draw_faces",
    "draw_scene",
    "draw_sequence",
    "draw_split",
    "landmarks",
    "load_data",
    "render",
    "unit_region",
]
