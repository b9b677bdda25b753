"""From pictures, videos and cameras to a screen, a file or a folder."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from keras_fer.datasets import progress
from keras_fer.faces import InputError
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
    it is. Ctrl-C ends a camera that has begun; files it interrupts.

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
    cameras = {media_files.name_of(m) for m in todo if isinstance(m, int)}
    # Errors as keys: all frames of a video may fail for one reason.
    sources, errors, faces, last = set(), {}, 0, None
    answers = recognizer.recognize_media(todo, detect=detect, every=every)
    with _progress(todo, sink) as show:
        try:
            for last in answers:
                error = last.error
                try:
                    sink.write(last)
                except InputError as failure:
                    error = str(failure)
                if error is None:
                    sources.add(last.source)
                    faces += len(last.faces)
                else:
                    errors[error] = last.source
                show(len(sources) + len(errors), last)
        except KeyboardInterrupt:
            if last is None or last.source not in cameras:
                raise
    return Summary(
        sources=len(sources),
        faces=faces,
        errors=tuple(errors),
        before=len(media) - len(todo),
    )


@contextlib.contextmanager
def _progress(todo, sink):
    """A function that shows how many sources are done, and the time in one."""
    if getattr(sink, "is_terminal", False) or (
        len(todo) < 2 and not any(map(media_files.is_video, todo))
    ):
        yield lambda done, answer: None
        return
    import rich.progress

    options = progress.progress_bar("Faces")
    name = options.pop("description")
    with rich.progress.Progress(**options) as bar:
        task = bar.add_task(name, total=len(todo))

        def show(done, answer):
            video = answer.seconds is not None
            time = f", {answer.seconds:.0f} s of video" if video else ""
            bar.update(task, completed=done - video, description=name + time)

        yield show
