"""How fast pictures are read, decoded and augmented, and with what memory.

    python tests/benchmarks/input_pipeline.py

Drawn faces of 100×100 pixels are written as color JPEG, and read as gray faces
of 48×48 with the augmentation of the zero-bias CNN, from files and from memory.
The figures are ratios to the images per second that training `ZeroBiasCNN`
consumes (bfloat16, batches of 64). Then one epoch of 200,000 images streams
(the 2,000 files, each listed a hundred times), and the memory of the process
is printed after each tenth.
"""

import os
import tempfile
import time
from pathlib import Path

import cv2
import keras
import numpy as np

from keras_fer import augmentation
from keras_fer import datasets
from keras_fer import models
from keras_fer.datasets import reading

IMAGES, STREAMED, BATCH = 2_000, 200_000, 64


def write(root):
    faces = datasets.procedural.load_data("train", images=IMAGES, size=100)
    for number, (image, label) in enumerate(
        zip(faces.images, faces.labels["expression"], strict=True)
    ):
        folder = root / "train" / faces.info.classes[label]
        folder.mkdir(parents=True, exist_ok=True)
        color = np.repeat(image[..., :1], 3, axis=2)
        assert cv2.imwrite(str(folder / f"{number:05d}.jpg"), color)


def read(root, in_memory):
    reading.IN_MEMORY = 2**29 if in_memory else 0
    return datasets.folder.load_data(data_dir=root, size=48)


def batches(corpus, images):
    return corpus.to_dataset(
        BATCH,
        shuffle=True,
        augment=augmentation.ZeroBiasAugmentation(),
        epochs=range(-(-images // (len(corpus) // BATCH * BATCH))),
    ).take(images // BATCH)


def per_second(dataset):
    """Images per second, after the first batches."""
    batches = iter(dataset)
    for _ in range(5):
        next(batches)
    start, count = time.perf_counter(), 0
    for images, _ in batches:
        count += len(images)
    return count / (time.perf_counter() - start)


def training(corpus):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = models.ZeroBiasCNN(
        (48, 48, 1), num_classes=len(corpus.info.classes)
    )
    model.compile(
        "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    # Without a pipeline: the same batch again and again.
    images, labels = next(iter(batches(corpus, BATCH)))
    model.train_on_batch(images, labels)
    start = time.perf_counter()
    for _ in range(30):
        model.train_on_batch(images, labels)
    return 30 * BATCH / (time.perf_counter() - start)


def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root)
        held, streamed = read(root, True), read(root, False)
        consumed = training(held)
        print(f"training consumes {consumed:.0f} images/s")
        for name, corpus in (("memory", held), ("files", streamed)):
            speed = per_second(batches(corpus, 20_000))
            ratio = speed / consumed
            print(f"from {name}: {speed:.0f} images/s, {ratio:.1f} times that")
        many = streamed.select(np.tile(np.arange(IMAGES), STREAMED // IMAGES))
        count = 0
        for images, _ in batches(many, STREAMED):
            before, count = count, count + len(images)
            if count * 10 // STREAMED > before * 10 // STREAMED:
                print(f"{count} images streamed: {resident():.0f} MB")


if __name__ == "__main__":
    main()
