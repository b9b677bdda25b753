"""Corpora, one a file: an `INFO` card and `load_data`."""

from keras_fer.datasets import affectnet
from keras_fer.datasets import ck_plus
from keras_fer.datasets import fer2013
from keras_fer.datasets import ferplus
from keras_fer.datasets import folder
from keras_fer.datasets import jaffe
from keras_fer.datasets import procedural
from keras_fer.datasets import raf_db
from keras_fer.datasets import sfew
from keras_fer.datasets import tfd
from keras_fer.datasets.audit import AuditReport
from keras_fer.datasets.audit import audit
from keras_fer.datasets.audit import load_splits
from keras_fer.datasets.corpus import Corpus
from keras_fer.datasets.corpus import CorpusError
from keras_fer.datasets.corpus import CorpusInfo
from keras_fer.datasets.image_files import ImageFiles
from keras_fer.datasets.pairs import Pairs
from keras_fer.datasets.pairs import expression_pairs
from keras_fer.datasets.prepare import Preparation
from keras_fer.datasets.prepare import prepare

__all__ = [
    "AuditReport",
    "Corpus",
    "CorpusError",
    "CorpusInfo",
    "ImageFiles",
    "Pairs",
    "Preparation",
    "affectnet",
    "audit",
    "ck_plus",
    "expression_pairs",
    "fer2013",
    "ferplus",
    "folder",
    "jaffe",
    "load_splits",
    "prepare",
    "procedural",
    "raf_db",
    "sfew",
    "tfd",
]
