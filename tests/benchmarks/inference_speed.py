"""What prediction costs: cold start, batches, memory over a long video.

    python tests/benchmarks/inference_speed.py

1. `keras-fer predict` on the portrait in a new process, detection included,
   beside a process that only imports TensorFlow; fastest of five rounds.
2. 1,000 face crops in batches beside one by one; fastest of five alternating
   rounds.
3. Memory of this process while a synthetic video of five minutes goes through
   detection and recognition, at the end of each minute.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from keras_fer import faces
from keras_fer import inference

ROUNDS = 5
CROPS = 1000
MINUTES, RATE = 5, 25


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def fastest(*works):
    """Fastest time of each, in alternating rounds."""
    rounds = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    return np.min(rounds, axis=0)


def process(*arguments):
    return lambda: subprocess.run(arguments, check=True, capture_output=True)


def cold_start():
    program = Path(sys.executable).with_name("keras-fer")
    predict, tensorflow = fastest(
        process(program, "predict"),
        process(sys.executable, "-c", "import tensorflow"),
    )
    print(
        f"cold start: predict {predict:.2f} s, importing TensorFlow "
        f"{tensorflow:.2f} s, ratio {predict / tensorflow:.2f}"
    )


def batches(recognizer):
    draws = np.random.default_rng(0)
    crops = draws.integers(0, 256, (CROPS, 48, 48, 1), "uint8")
    batched, single = fastest(
        lambda: recognizer.predict(crops),
        lambda: [recognizer.predict(crop[None]) for crop in crops],
    )
    print(
        f"{CROPS} crops: batched {CROPS / batched:.0f} images/s, one by one "
        f"{CROPS / single:.0f} images/s, ratio {single / batched:.2f}"
    )


def write_video(path):
    """The portrait wanders over a gray ground."""
    photo = faces.read_image(inference.sample_picture())
    photo = cv2.resize(photo, (205, 240), interpolation=cv2.INTER_AREA)
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (320, 240)
    )
    for number in range(60 * MINUTES * RATE):
        left = round(57 + 50 * np.sin(number / RATE))
        frame = np.full((240, 320, 3), 128, np.uint8)
        frame[:, left : left + 205] = photo[..., ::-1]
        writer.write(frame)
    writer.release()


def resident():
    """Memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def long_video(recognizer):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        write_video(path)
        faces, begin = 0, time.perf_counter()
        for answer in recognizer.recognize_video(path):
            faces += len(answer.faces)
            if (answer.frame + 1) % (60 * RATE) == 0:
                print(
                    f"video, minute {(answer.frame + 1) // (60 * RATE)}: "
                    f"{resident():.0f} MB"
                )
        frames = answer.frame + 1
    rate = frames / (time.perf_counter() - begin)
    print(f"{frames} frames of 320×240, {faces} faces, {rate:.0f} frames/s")


if __name__ == "__main__":
    cold_start()
    loaded = inference.Recognizer.from_pretrained(inference.DEFAULT)
    batches(loaded)
    long_video(loaded)
