"""What the augmentation of the facial-emotion VAEs does to the mean face.

Prints the mean gray level of FER2013's training faces, plain and augmented, and
how far these mean faces are from those of PublicTest, in gray levels: a network
that draws one face draws the augmented one.
"""

import numpy as np

from keras_fer import augmentation
from keras_fer.datasets import fer2013

BATCH = 256


def main():
    train = fer2013.load_data("train", size=64).images
    val = fer2013.load_data("val", size=64).images.astype(np.float32)
    augment = augmentation.FacialEmotionVAEAugmentation()
    sums = np.zeros((2, *train.shape[1:]))
    for start in range(0, len(train), BATCH):
        batch = train[start : start + BATCH]
        augmented = augment(batch, seed=(0, start)).numpy()
        for place, faces in enumerate((batch, augmented)):
            sums[place] += faces.sum(axis=0, dtype=np.float64)
    for name, mean in zip(
        ("plain", "augmented"), sums / len(train), strict=True
    ):
        error = np.sqrt(np.square(val - mean).mean())
        print(f"{name}: mean {mean.mean():.1f}, off by {error:.1f}")


if __name__ == "__main__":
    main()
