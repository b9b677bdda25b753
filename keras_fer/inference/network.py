"""A network in a `.tflite` file, run by LiteRT."""

import os
from pathlib import Path

import numpy as np

from keras_fer.inference import metadata
from keras_fer.inference.metadata import ModelError

_SIGNATURE = "serve"


class LiteRTNetwork:
    """Load an exported network and run it, without TensorFlow.

    One thread at a time may run it.

    Args:
        path: a `.tflite` file that `keras_fer.export` wrote.

    Attributes:
        info: a `NetworkInfo`: classes, size of the images, normalization.

    Raises:
        ModelError: the file is not there, is not a network, needs operations
            that LiteRT lacks, or names no classes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import inference
    >>> path = inference.find_pretrained("zero_bias_cnn_fer2013")
    >>> network = inference.LiteRTNetwork(path)
    >>> network.predict(np.zeros((3, 48, 48, 1), "uint8"))[
    ...     "probabilities"
    ... ].shape
    (3, 7)
    """

    def __init__(self, path: str | Path):
        from ai_edge_litert.interpreter import Interpreter

        try:
            content = Path(path).read_bytes()
            interpreter = Interpreter(
                model_content=content, num_threads=os.cpu_count()
            )
            interpreter.allocate_tensors()
            self.info = metadata.read_info(content)
            self._run = interpreter.get_signature_runner(_SIGNATURE)
            blank = np.zeros((1, *self.info.input_shape), np.uint8)
            self._no_rows = {
                name: rows[:0] for name, rows in self._run(images=blank).items()
            }
            named = self._no_rows["probabilities"].shape[1]
            if named != len(self.info.classes):
                raise ModelError(
                    f"its metadata names {len(self.info.classes)} classes, "
                    f"but it gives {named} probabilities"
                )
        except OSError as error:
            raise ModelError(
                f"{path} cannot be read: {error.strerror}"
            ) from error
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error
        except Exception as error:
            # LiteRT and flatbuffers fail in many ways over damaged files.
            raise ModelError(
                f"{path} is not a TFLite network that can be run here: {error}"
            ) from error

    def predict(
        self, images: np.ndarray, batch_size: int = 8
    ) -> dict[str, np.ndarray]:
        """Run the network on face crops of its own size.

        Args:
            images: uint8 `(N, height, width, channels)`, in `[0, 255]`, as
                `info.input_shape` says.
            batch_size: images that go through at once.

        Returns:
            For each output of the network an array of N rows;
            `"probabilities"` is float32 `(N, classes)`.

        Raises:
            ValueError: the images have another dtype or shape.
        """
        images = np.asarray(images)
        if (
            images.dtype != np.uint8
            or images.ndim != 4
            or images.shape[1:] != self.info.input_shape
        ):
            raise ValueError(
                f"expected uint8 images of shape (N, "
                f"{', '.join(map(str, self.info.input_shape))}). Received: "
                f"{images.dtype} of shape {images.shape}"
            )
        if not len(images):
            return self._no_rows
        parts = [
            self._run(images=images[start : start + batch_size])
            for start in range(0, len(images), batch_size)
        ]
        return {
            name: np.concatenate([part[name] for part in parts])
            for name in parts[0]
        }
