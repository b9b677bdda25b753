"""Faces and their expressions in pictures and videos."""

import dataclasses
import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_fer import faces
from keras_fer.faces import InputError
from keras_fer.inference import media as media_files
from keras_fer.inference import pretrained
from keras_fer.inference import video
from keras_fer.inference.metadata import ModelError
from keras_fer.inference.network import LiteRTNetwork

_BATCH = 8  # crops at once; on two cores more are slower, out of the cache
_WAITING = 64  # crops or pictures that are gathered before they are answered
_FRAMES = 16  # video frames held at a time


@dataclasses.dataclass(frozen=True, kw_only=True)
class Face:
    """One face and what it expresses.

    Args:
        probabilities: for each expression its probability; they sum to 1.
        box: left, top, width, height in pixels of the picture, or `None`
            where the picture was taken for a face crop.
        score: overlapping hits of the detector, more is surer, or `None`.
        embedding: numbers of the network's head `"embedding"`, where it has
            one, else `None`.
    """

    probabilities: dict[str, float]
    box: tuple[int, int, int, int] | None = None
    score: int | None = None
    embedding: tuple[float, ...] | None = None

    @property
    def expression(self) -> str:
        """The most probable expression."""
        return max(self.probabilities, key=self.probabilities.get)

    def to_json(self, *, embedding: bool = False) -> dict:
        """The face as plain values, probabilities to six digits.

        Args:
            embedding: put the embedding in, with all digits of float32.
        """
        values = {
            "box": list(self.box) if self.box else None,
            "score": self.score,
            "expression": self.expression,
            "probabilities": {
                name: round(share, 6)
                for name, share in self.probabilities.items()
            },
        }
        if embedding:
            values["embedding"] = [float(f"{v:.9g}") for v in self.embedding]
        return values


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found in one picture or one frame of a video.

    Args:
        source: path of the file, or `camera 0`; see `media.name_of`.
        faces: the faces, the largest first; none is an empty list.
        error: why the file could not be used; then there are no faces.
        frame: number of the frame in its video, from 0.
        seconds: time of the frame in its video.
        rate: frames per second of its video.
        image: the frame, uint8 RGB; pictures are not kept.
    """

    source: str
    faces: list[Face] = dataclasses.field(default_factory=list)
    error: str | None = None
    frame: int | None = None
    seconds: float | None = None
    rate: float | None = None
    image: np.ndarray | None = dataclasses.field(
        default=None, repr=False, compare=False
    )

    def to_json(self, *, embedding: bool = False) -> dict:
        """The answer as plain values, without the image.

        Args:
            embedding: put the embeddings of the faces in.
        """
        values = {"source": self.source}
        if self.frame is not None:
            values |= {"frame": self.frame, "seconds": round(self.seconds, 3)}
        if self.error is not None:
            return {**values, "error": self.error}
        faces = [face.to_json(embedding=embedding) for face in self.faces]
        return {**values, "faces": faces}


class Recognizer:
    """Find faces and name their expressions; needs no TensorFlow.

    Pixels are uint8, gray or RGB (not BGR, which OpenCV's `imread` gives).
    `predict` takes face crops; the other methods take whole pictures and look
    for faces with the Haar cascade, unless `detect=False` says that a picture
    is a face crop already.

    Args:
        network: the network that names expressions.
        margin: how much longer than the detector's box the side of a crop is,
            as a share. The default is how FER2013 frames its faces.

    Example:

    >>> from keras_fer import inference
    >>> recognizer = inference.Recognizer.from_pretrained(
    ...     "zero_bias_cnn_fer2013"
    ... )
    >>> (face,) = recognizer.recognize(inference.sample_picture())
    >>> face.box[2] == face.box[3] and face.expression in recognizer.classes
    True
    """

    def __init__(self, network: LiteRTNetwork, *, margin: float = faces.MARGIN):
        self.network = network
        self.margin = margin

    @classmethod
    def from_pretrained(cls, name_or_path: str | Path) -> "Recognizer":
        """Load a network that comes with the package, or your own.

        Args:
            name_or_path: a name (`keras_fer.inference.pretrained_names()`),
                the folder of a run with an exported network in it, or a
                `.tflite` file. Nothing is downloaded.

        Raises:
            ModelError: there is no such network, or it cannot be used.
        """
        return cls(LiteRTNetwork(pretrained.find_pretrained(name_or_path)))

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the columns of `predict`."""
        return self.network.info.classes

    def predict(
        self,
        crops: np.ndarray | Sequence[np.ndarray],
        batch_size: int = _BATCH,
    ) -> np.ndarray:
        """Name the expressions of face crops; nothing is detected.

        Args:
            crops: a batch, uint8 `(N, height, width)` or `(N, height, width,
                1 or 3)`, or a sequence of single crops, whose sizes may
                differ. Crops of another size than the network's are resized.
            batch_size: crops that go through the network at once.

        Returns:
            Probabilities, float32 `(N, len(classes))`.

        Raises:
            ValueError: a crop is not uint8, below 8 pixels, or has neither
                one channel nor three.
        """
        return self._run(crops, batch_size)["probabilities"]

    def embed(
        self,
        crops: np.ndarray | Sequence[np.ndarray],
        batch_size: int = _BATCH,
    ) -> np.ndarray:
        """Embed face crops; nothing is detected.

        Args:
            crops: as in `predict`.
            batch_size: crops that go through the network at once.

        Returns:
            Embeddings, float32 `(N, dimensions)`.

        Raises:
            ModelError: the network has no head `"embedding"`.
            ValueError: as `predict`.
        """
        self.check_embeds()
        return self._run(crops, batch_size)["embedding"]

    def check_embeds(self) -> int:
        """Size of the embeddings.

        Raises:
            ModelError: the network has no head `"embedding"`.
        """
        outputs = self.network.predict(
            np.zeros((0, *self.network.info.input_shape), np.uint8)
        )
        if "embedding" not in outputs:
            raise ModelError(
                f"{self.network.info.name} has no head 'embedding', only "
                f"{', '.join(outputs)}. DAFCNN, ResNet18 and CAKE have one"
            )
        return outputs["embedding"].shape[1]

    def _run(self, crops, batch_size=_BATCH):
        """All outputs of the network for face crops."""
        shape = getattr(crops, "shape", None)
        if shape and (len(shape) not in (3, 4) or shape[2:] == (3,)):
            raise ValueError(
                "`crops` must be a batch: (N, height, width[, channels]); a "
                f"single crop is `crop[None]`. Received: shape {shape}"
            )
        size = self.network.info.input_shape
        if not (
            isinstance(crops, np.ndarray)
            and crops.dtype == np.uint8
            and crops.shape[1:] == size
        ):
            batch = np.empty((len(crops), *size), np.uint8)
            for row, crop in enumerate(crops):
                batch[row] = self._fit(crop, f"crops[{row}]")
            crops = batch
        return self.network.predict(crops, batch_size)

    def detect(self, image: np.ndarray) -> faces.Detections:
        """Find the faces of a picture, the largest first.

        Args:
            image: uint8 `(height, width)` or `(height, width, 1 or 3)`, RGB.

        Returns:
            As `keras_fer.faces.detect_faces`.
        """
        return faces.detect_faces(image)

    def recognize(
        self, image: np.ndarray | str | Path, *, detect: bool = True
    ) -> list[Face]:
        """Find the faces of one picture and name their expressions.

        Args:
            image: a file, or uint8 pixels `(height, width[, 1 or 3])`, RGB.
            detect: look for faces; else the picture is a face crop.

        Returns:
            The faces, the largest first. No face is an empty list.

        Raises:
            InputError: the file cannot be used.
            ValueError: the pixels are not uint8 or have other channels.
        """
        return self.recognize_batch([image], detect=detect)[0]

    def recognize_batch(
        self, images: Sequence, *, detect: bool = True
    ) -> list[list[Face]]:
        """As `recognize`, for several pictures: their crops go in batches."""
        items = (
            (
                Answer(source=f"images[{index}]"),
                faces.read_image(image)
                if isinstance(image, str | Path)
                else image,
            )
            for index, image in enumerate(images)
        )
        return [
            answer.faces for answer in self._answer(items, detect, _WAITING)
        ]

    def recognize_files(
        self, paths: Iterable[str | Path], *, detect: bool = True
    ) -> Iterator[Answer]:
        """Name the expressions in picture files, one after the other.

        Crops go through the network in batches; of the pictures only one is
        in memory at a time.

        Args:
            paths: the files.
            detect: look for faces; else each picture is a face crop.

        Yields:
            An `Answer` a file, in their order. A file that cannot be used
            gives one with `error`.
        """
        return self._answer(map(_read, paths), detect, _WAITING)

    def recognize_video(
        self, source: str | Path | int, *, detect: bool = True, every: int = 1
    ) -> Iterator[Answer]:
        """Name the expressions in a video, frame by frame.

        Memory does not grow with the length. Of a video that is cut short or
        damaged what can be read is answered, with a warning in the log.

        Args:
            source: a file, or the number of a camera, which goes on until the
                iterator is closed.
            detect: look for faces; else each frame is a face crop.
            every: answer every so many frames only.

        Yields:
            An `Answer` a frame, with its `image`.

        Raises:
            InputError: the video cannot be opened, or holds no frame.
        """
        name = media_files.name_of(source)
        items = (
            (
                Answer(
                    source=name,
                    frame=frame.number,
                    seconds=frame.seconds,
                    rate=frame.rate,
                    image=frame.image,
                ),
                frame.image,
            )
            for frame in video.read_frames(source, every)
        )
        # A camera's answer is wanted at once.
        live = isinstance(source, int)
        return self._answer(items, detect, 1 if live else _FRAMES)

    def recognize_media(
        self,
        media: Iterable[str | Path | int],
        *,
        detect: bool = True,
        every: int = 1,
    ) -> Iterator[Answer]:
        """Name the expressions in pictures, videos and cameras, in order.

        Args:
            media: as `find_media` lists them.
            detect: look for faces; else all are face crops.
            every: of videos answer every so many frames only.

        Yields:
            As `recognize_files` and `recognize_video`. A video that cannot
            be opened gives an `Answer` with `error`.
        """
        for video_next, group in itertools.groupby(media, media_files.is_video):
            if not video_next:
                yield from self.recognize_files(group, detect=detect)
                continue
            for source in group:
                try:
                    yield from self.recognize_video(
                        source, detect=detect, every=every
                    )
                except InputError as error:
                    yield Answer(
                        source=media_files.name_of(source), error=str(error)
                    )

    def _answer(self, items, detect, limit):
        """Answers with their faces, the network run on many crops at once."""
        waiting, crops = [], []
        for answer, image in items:
            found = self._crops(image, detect) if image is not None else []
            waiting.append((answer, [place for place, _ in found]))
            crops += [crop for _, crop in found]
            if len(waiting) >= limit or len(crops) >= _WAITING:
                yield from self._name(waiting, crops)
                waiting, crops = [], []
        yield from self._name(waiting, crops)

    def _crops(self, image, detect):
        """(box and score, crop) of each face."""
        channels = self.network.info.input_shape[2]
        size = self.network.info.input_shape[:2]
        if not detect:
            return [((None, None), self._fit(image, "image"))]
        boxes, scores, _ = self.detect(image)
        pixels = (
            faces.to_channels(image, channels, "image") if len(boxes) else None
        )
        return [
            (
                (tuple(box.tolist()), int(score)),
                faces.crop_face(pixels, box, size, margin=self.margin),
            )
            for box, score in zip(boxes, scores, strict=True)
        ]

    def _name(self, waiting, crops):
        if not waiting:
            return
        outputs = self._run(crops)
        shares = iter(outputs["probabilities"].tolist())
        # Without the head nobody is asked for more embeddings than there are.
        vectors = outputs.get("embedding")
        vectors = itertools.repeat(None) if vectors is None else iter(vectors)
        for answer, places in waiting:
            found = [
                Face(
                    box=box,
                    score=score,
                    probabilities=dict(
                        zip(self.classes, next(shares), strict=True)
                    ),
                    embedding=_numbers(next(vectors)),
                )
                for box, score in places
            ]
            yield dataclasses.replace(answer, faces=found)

    def _fit(self, crop, where):
        """A crop as the network takes it."""
        return faces.fit_face(crop, self.network.info.input_shape, where)


def _numbers(vector):
    return None if vector is None else tuple(vector.tolist())


def _read(path):
    name = media_files.name_of(path)
    try:
        return Answer(source=name), faces.read_image(path)
    except InputError as error:
        return Answer(source=name, error=str(error)), None
