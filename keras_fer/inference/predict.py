"""From pictures, videos and cameras to a screen, a file or a folder."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from keras_fer.datasets import corpus
from keras_fer.inference import media as media_files


@dataclasses.dataclass(frozen=True, kw_only=True)
class Summary:
    """What `predict_media` went through.

    Args:
        sources: pictures, videos and cameras that gave an answer.
        faces: faces in them, over all frames.
        errors: why each other source could not be used.
        before: sources that had been done before.
    """

    sources: int
    faces: int
    errors: tuple[str, ...]
    before: int


def predict_media(
    recognizer,
    media: Sequence[Path | int],
    sink,
    *,
    detect: bool = True,
    every: int = 1,
) -> Summary:
    """Name the expressions in all media and hand each answer on.

    Goes on over files that cannot be used. On a terminal a bar shows how far
    it is. Ctrl-C ends a camera; files it interrupts.

    Args:
        recognizer: the `Recognizer`.
        media: as `find_media` lists them.
        sink: takes the answers: `RecordFile`, `Screen` or `AnnotatedFolder`.
            What it has already is left out.
        detect: look for faces; else all are face crops.
        every: of videos answer every so many frames only.

    Example:

    >>> import sys
    >>> from keras_fer import inference
    >>> recognizer = inference.Recognizer.from_pretrained(
    ...     "zero_bias_cnn_fer2013"
    ... )
    >>> media = inference.find_media([inference.sample_picture()])
    >>> with inference.Screen("csv", recognizer.classes, sys.stdout) as screen:
    ...     summary = inference.predict_media(recognizer, media, screen)
    ... # doctest: +ELLIPSIS
    source,frame,seconds,face,left,top,width,height,score,expression,...
    >>> summary.faces
    1
    """
    todo = [m for m in media if not sink.has(media_files.name_of(m))]
    sources, errors, faces = set(), [], 0
    answers = recognizer.recognize_media(todo, detect=detect, every=every)
    live = any(isinstance(source, int) for source in todo)
    with _bar(todo) as advance:
        try:
            for answer in answers:
                sink.write(answer)
                if answer.error is not None:
                    errors.append(answer.error)
                else:
                    sources.add(answer.source)
                faces += len(answer.faces)
                advance(len(sources) + len(errors))
        except KeyboardInterrupt:
            if not live:
                raise
    return Summary(
        sources=len(sources),
        faces=faces,
        errors=tuple(errors),
        before=len(media) - len(todo),
    )


@contextlib.contextmanager
def _bar(todo):
    """A function that says how many sources are done."""
    if len(todo) < 2:
        yield lambda done: None
        return
    import rich.progress

    options = corpus.progress_bar("Faces")
    name = options.pop("description")
    with rich.progress.Progress(**options) as progress:
        task = progress.add_task(name, total=len(todo))
        yield lambda done: progress.update(task, completed=done)
