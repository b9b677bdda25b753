"""How fast procedural faces are drawn, and how hard they are.

    python tests/benchmarks/procedural_faces.py

1. Faces a second at 96×96 on one core, beside half the side; fastest of five
   alternating rounds.
2. Accuracy of a linear classifier on 24×24 pixels: logistic regression on the
   training split of `zero_bias_cnn_procedural`, its strength of regularization
   chosen on the validation split, tested once on other people.
3. With KERAS_FER_DATA, how the network trained on drawings and the one trained
   on photographs do on FER2013's PublicTest, the first without ever having
   seen a photograph.
"""

import os
import time
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

from keras_fer import datasets
from keras_fer import evaluation
from keras_fer import recipes
from keras_fer.datasets import procedural
from keras_fer.recipes import run_folder

RUNS = Path(__file__).parents[2] / "saved_models"
ROUNDS, FACES = 5, 512


def rate(size):
    faces, _ = procedural.draw_faces(np.arange(FACES) % 8, np.arange(FACES))
    begin = time.perf_counter()
    procedural.render(faces, size)
    return FACES / (time.perf_counter() - begin)


def speed():
    threads, cores = cv2.getNumThreads(), os.sched_getaffinity(0)
    cv2.setNumThreads(1)
    os.sched_setaffinity(0, {min(cores)})
    large, small = np.max([[rate(96), rate(48)] for _ in range(ROUNDS)], axis=0)
    cv2.setNumThreads(threads)
    os.sched_setaffinity(0, cores)
    print(
        f"one core: {large:.0f} faces/s at 96×96, {small:.0f} at 48×48, ratio "
        f"{small / large:.2f}"
    )


def pixels(corpus):
    small = [
        cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA)
        for image in corpus.images
    ]
    return np.reshape(small, (len(small), -1)) / 127.5 - 1


def linear():
    load = recipes.get("zero_bias_cnn_procedural").corpus
    splits = {split: load(split) for split in ("train", "val", "test")}
    x = {split: pixels(corpus) for split, corpus in splits.items()}
    y = {s: corpus.labels["expression"] for s, corpus in splits.items()}
    fits = [
        LogisticRegression(C=c, max_iter=2000).fit(x["train"], y["train"])
        for c in (0.003, 0.03, 0.3, 3.0)
    ]
    best = max(fits, key=lambda fit: fit.score(x["val"], y["val"]))
    report = evaluation.classification_report(
        y["test"],
        best.predict_proba(x["test"]),
        splits["test"].info.classes,
        corpus="procedural",
        split="test",
    )
    print(f"linear on 24×24 (C={best.C}), test: {accuracy(report)}")


def transfer():
    val = datasets.fer2013.load_data("val")
    for name in ("zero_bias_cnn_procedural", "zero_bias_cnn_fer2013"):
        network = run_folder.load(RUNS / name)
        report = evaluation.evaluate_classifier(network, val, verbose=0)
        print(f"{name} on FER2013 PublicTest: {accuracy(report)}")


def accuracy(report):
    low, high = report.accuracy_interval
    return (
        f"{100 * report.accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}] of "
        f"{report.samples}, UAR {100 * report.uar:.1f} %"
    )


if __name__ == "__main__":
    speed()
    linear()
    if "KERAS_FER_DATA" in os.environ:
        transfer()
