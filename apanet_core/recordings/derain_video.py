"""Derains a side-by-side video, or two videos, in pieces that an interrupted run need not redo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from apanet_core.data.view_names import VIEWS
from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain, Views
from apanet_core.imaging.types import ByteImage
from apanet_core.progress import progress
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import WorkFolder, unfinished
from apanet_core.recordings.videos import (
    LOSSLESS_SUFFIX,
    VideoReader,
    VideoWriter,
    check_video_name,
    split_views,
)

PIECE_FRAMES = 50
"""An interruption loses at most this many pairs. Pieces are kept without loss until the end."""

UNPAIRED = "frames without a partner in the other video, left out"
MISSING = "frames that the video promises and does not hold, left out"


def derain_video(
    derain: Derain,
    paths: Sequence[Path],
    target: Path,
    job: dict[str, Any],
    force: bool = False,
) -> Tally:
    """Derain a video frame by frame; frames are read and written one at a time.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        paths: one side-by-side video, or the left and the right one.
        target: the video to write, side by side as the input; of two videos, a folder in which
            they keep their endings as left and right. Sound is not kept.
        job: what tells this work from other, see `unfinished`; an interrupted run goes on.
        force: replace an existing `target`.

    Raises:
        ImageError: a video cannot be read or written, the views differ in size, or a side-by-side
            one has an odd width.
        ConfigError: the target is no name of a video; and as `unfinished`.
    """
    names = [f"{view}{path.suffix}" for view, path in zip(VIEWS, paths, strict=False)]
    check_video_name(target if len(paths) == 1 else Path(f"left{paths[0].suffix}"))
    with ExitStack() as stack:
        videos = [stack.enter_context(VideoReader(path)) for path in paths]
        work = stack.enter_context(unfinished(target, job, force, names if len(paths) == 2 else ()))
        tally = _derain_in_pieces(derain, videos, work)
        if not tally.derained:
            raise ImageError(f"{paths[0]} holds no frame that can be read.")
        _join(work, paths, videos[0].fps, target)
    return tally


def video_pairs(videos: Sequence[VideoReader], first: int = 0) -> Iterator[Views]:
    """Yield the pairs of one side-by-side video, or of two, from frame `first` on."""
    if len(videos) == 1:
        return map(split_views, videos[0].frames(first))
    return zip(*(video.frames(first) for video in videos), strict=False)


def _derain_in_pieces(derain: Derain, videos: Sequence[VideoReader], work: WorkFolder) -> Tally:
    done = (work.load_state() or {"done": 0})["done"]
    total = min(video.count for video in videos)
    pairs = iter(progress(video_pairs(videos, done), "derain", total, unit="pair", done=done))
    for first in pairs:
        with ExitStack() as stack:
            writers = [
                stack.enter_context(VideoWriter(_piece(work, part, done), videos[0].fps))
                for part in _parts(len(videos))
            ]
            for pair in chain([first], islice(pairs, PIECE_FRAMES - 1)):
                _write(writers, derain(*pair))
                done += 1
        work.save_state({"done": done})
    tally = Tally(derained=done)
    if missing := total - done:
        tally.note(MISSING, count=missing)
    if unpaired := max(video.count for video in videos) - total:
        tally.note(UNPAIRED, count=unpaired)
    return tally


def _write(writers: Sequence[VideoWriter], views: Views) -> None:
    frames: Sequence[ByteImage] = views if len(writers) == 2 else [np.hstack(views)]
    for writer, frame in zip(writers, frames, strict=True):
        writer.write(frame)


def _join(work: WorkFolder, paths: Sequence[Path], fps: float, target: Path) -> None:
    """Write the pieces as one video each, and make them the result."""
    names = [f"{view}{path.suffix}" for view, path in zip(VIEWS, paths, strict=False)]
    folder = work.path / "joined"
    folder.mkdir(exist_ok=True)
    if len(paths) == 1:
        names = [f"both{target.suffix}"]
    for part, name in zip(_parts(len(paths)), names, strict=True):
        with VideoWriter(folder / name, fps) as writer:
            for piece in sorted(work.path.glob(f"{part}_*{LOSSLESS_SUFFIX}")):
                with VideoReader(piece) as reader:
                    for frame in reader.frames():
                        writer.write(frame)
    (folder if len(paths) == 2 else folder / names[0]).rename(work.result)


def _parts(videos: int) -> tuple[str, ...]:
    return VIEWS if videos == 2 else ("both",)


def _piece(work: WorkFolder, part: str, first: int) -> Path:
    return work.path / f"{part}_{first:09}{LOSSLESS_SUFFIX}"
