"""How FER2013 frames its faces: the margin around the Haar box.

    KERAS_FER_DATA=DIR python tests/benchmarks/face_framing.py

Two measurements on PublicTest, each picture enlarged four times and set on a
wider ground of repeated border pixels, where `Recognizer` looks for the face.
First, the side of the picture over the side of the box, less 1, is the margin
by which the picture is framed. Second, the accuracy of
`zero_bias_cnn_fer2013` on the faces found, cut out again with other margins,
beside that on the untouched pictures of the same faces.
"""

import cv2
import numpy as np

from keras_fer import datasets
from keras_fer import faces
from keras_fer import inference

ENLARGE, BORDER = 4, 48
MARGINS = (-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.3)


def main():
    recognizer = inference.Recognizer.from_pretrained("zero_bias_cnn_fer2013")
    val = datasets.fer2013.load_data("val")
    side = ENLARGE * val.images.shape[1]
    found = []
    for row, image in enumerate(val.images[..., 0]):
        scene = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
        scene = cv2.copyMakeBorder(scene, *[BORDER] * 4, cv2.BORDER_REPLICATE)
        boxes, _ = recognizer.detect(scene)
        if len(boxes) and boxes[0, 2] > side / 2:
            found.append((row, scene, boxes[0]))
    print(f"FER2013 PublicTest: face found in {len(found)} of {len(val)}")
    boxes = np.array([box for _, _, box in found])
    centers = (boxes[:, :2] + boxes[:, 2:] / 2 - BORDER) / side - 0.5
    for name, values in (
        ("margin", side / boxes[:, 2] - 1),
        ("right", centers[:, 0]),
        ("down", centers[:, 1]),
    ):
        quartiles = np.percentile(values, [25, 50, 75])
        text = ", ".join(f"{value:+.3f}" for value in quartiles)
        print(f"  {name:6s} (of the side), quartiles: {text}")

    rows = [row for row, _, _ in found]
    truth = val.labels["expression"][rows]

    def accuracy(crops):
        right = recognizer.predict(crops).argmax(axis=1) == truth
        error = 196 * right.std() / np.sqrt(len(right))
        return f"{100 * right.mean():.1f} % ± {error:.1f}"

    print(f"accuracy on the pictures as they are: {accuracy(val.images[rows])}")
    for margin in MARGINS:
        crops = [
            faces.crop_face(scene, box, (48, 48), margin=margin)
            for _, scene, box in found
        ]
        print(f"  cut out with margin {margin:+.2f}: {accuracy(crops)}")


if __name__ == "__main__":
    main()
