"""Derains a side-by-side video, or two videos, in pieces that an interrupted run need not redo."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from apanet_core.data.view_names import VIEWS
from apanet_core.error_sentences import reason_of
from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain
from apanet_core.imaging.types import ByteImage
from apanet_core.progress import progress
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import WorkFolder, unfinished
from apanet_core.recordings.videos import (
    StereoVideo,
    VideoReader,
    VideoWriter,
    check_video_name,
    is_video_name,
)
from apanet_core.recordings.videos.formats import LOSSLESS_SUFFIX, PIECE_SUFFIX, format_of
from apanet_core.recordings.videos.reader import TimedFrame
from apanet_core.recordings.videos.stereo import StereoFrame
from apanet_core.recordings.videos.ticks import properties_for

PIECE_FRAMES = 50
"""An interruption loses at most this many pairs. Pieces are kept without loss until the end."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

UNPAIRED = "frames without a partner in the other video, left out"
LOST = "damaged or missing frames, left out"


def derain_video(
    derain: Derain,
    paths: Sequence[Path],
    target: Path,
    job: dict[str, Any],
    force: bool = False,
    before_the_end: Callable[[Sequence[Path]], None] | None = None,
) -> Tally:
    """Derain a video frame by frame; frames are read and written one at a time.

    Every frame keeps its time, and sound is copied where the new container takes it.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        paths: one side-by-side video, or the left and the right one.
        target: the video to write, side by side as the input; of two videos, a folder in which
            they are called as `names_of_two` says.
        job: what tells this work from other, see `unfinished`; an interrupted run goes on.
        force: replace an existing `target`.
        before_the_end: called with the derained videos, which are whole and not yet in their
            place; where it raises, the same run goes on from there.

    Raises:
        ImageError: a video cannot be read or written, the views differ in size, or a side-by-side
            one has an odd width.
        ConfigError: the target is no name of a video; and as `unfinished`.
    """
    names = names_of_two(paths) if len(paths) == 2 else []
    if not names:
        check_video_name(target)
    with ExitStack() as stack:
        video = stack.enter_context(StereoVideo(paths))
        work = stack.enter_context(unfinished(target, job, force, names))
        stack.enter_context(_kept_work_named(work, target))
        tally = _derain_in_pieces(derain, video, work)
        outputs = _join(video, work, names or [f"both{target.suffix}"], tally)
        if before_the_end is not None:
            before_the_end(outputs)
        _remove(work.result)
        (outputs[0].parent if names else outputs[0]).rename(work.result)
    return tally


def names_of_two(paths: Sequence[Path]) -> list[str]:
    """Return how two derained videos are called: with the endings they had if those are written."""
    endings = (path.suffix if is_video_name(path) else LOSSLESS_SUFFIX for path in paths)
    return [f"{view}{ending}" for view, ending in zip(VIEWS, endings, strict=True)]


@contextmanager
def _kept_work_named(work: WorkFolder, target: Path) -> Iterator[None]:
    """Say of what the disk refuses which output it is, and that the work so far is kept."""
    try:
        yield
    except OSError as error:
        file = Path(error.filename or work.path)
        refused = target if file == work.path or work.path in file.parents else file
        if work.load_state() is None:
            raise OSError(error.errno, error.strerror, str(refused)) from error
        step = "make room" if error.errno in _FULL else "mend that"
        raise ImageError(
            f"Cannot use {refused}: {reason_of(error)}; what is derained is kept: {step}, then run "
            "the same command again to go on from there."
        ) from error


def _derain_in_pieces(derain: Derain, video: StereoVideo, work: WorkFolder) -> Tally:
    done = _state(work)["done"]
    pairs = iter(
        progress(islice(video.pairs(), done, None), "derain", video.count, unit="pair", done=done)
    )
    for first in pairs:
        piece = chain([first], islice(pairs, PIECE_FRAMES - 1))
        count, ends = _write_piece(derain, video, work, done, piece)
        done += count
        work.save_state({"done": done, "ends": [str(end) for end in ends]})
    if not done:
        raise ImageError(video.why_no_pair())
    return _tally(video, done)


def _write_piece(
    derain: Derain,
    video: StereoVideo,
    work: WorkFolder,
    done: int,
    pairs: Iterable[StereoFrame],
) -> tuple[int, list[Fraction]]:
    """Write derained pairs as pieces; returns how many, and until when the last one is shown."""
    count = 0
    ends: list[Fraction] = []
    with ExitStack() as stack:
        writers = [
            stack.enter_context(VideoWriter(_piece(work, part, done), reader.properties))
            for part, reader in zip(_parts(video), video.readers, strict=True)
        ]
        for pair in pairs:
            views = derain(*pair.views())
            pictures: Sequence[ByteImage] = views if len(writers) == 2 else [np.hstack(views)]
            for writer, picture, frame in zip(writers, pictures, pair.frames, strict=True):
                writer.write(picture, frame.time, frame.end)
            count += 1
            ends = [frame.end for frame in pair.frames]
    return count, ends


def _tally(video: StereoVideo, done: int) -> Tally:
    tally = Tally(derained=done, remarks=video.remarks())
    if video.lost:
        tally.note(LOST, count=video.lost)
    if video.unpaired:
        tally.note(UNPAIRED, count=video.unpaired)
    return tally


def _join(video: StereoVideo, work: WorkFolder, names: Sequence[str], tally: Tally) -> list[Path]:
    """Write the pieces as one video each; returns these."""
    folder = work.path / "joined"
    folder.mkdir(exist_ok=True)
    outputs = [folder / name for name in names]
    ends = map(Fraction, _state(work)["ends"])
    for part, reader, output, end in zip(_parts(video), video.readers, outputs, ends, strict=True):
        pieces = sorted(work.path.glob(f"{part}_*{PIECE_SUFFIX}"))
        properties = properties_for(output, reader.properties, pieces)
        with VideoWriter(output, properties, sound=reader.path) as writer:
            count = 0
            for frame in _frames(pieces):
                writer.write(frame.rgb(), frame.time, end)
                count += 1
            if count != tally.derained:
                work.discard()
                raise ImageError(
                    f"What was kept of {reader.path} is damaged: run the same command again to "
                    "begin anew."
                )
        tally.remarks += _not_taken_over(reader, output, writer)
    return outputs


def _frames(pieces: Sequence[Path]) -> Iterator[TimedFrame]:
    for piece in pieces:
        with VideoReader(piece) as reader:
            yield from reader.timed_frames()


def _not_taken_over(reader: VideoReader, output: Path, writer: VideoWriter) -> list[str]:
    ending = output.suffix
    remarks = [
        f"The sound of {reader.path} ({codec}) is left out: {ending} does not take it, .mkv does."
        for codec in writer.left_out
    ]
    if reader.properties.display_matrix is not None and not format_of(output).display_matrix:
        remarks.append(
            f"A player rotates {reader.path}, and not what is derained: {ending} cannot say so."
        )
    return remarks


def _remove(path: Path) -> None:
    """Remove what an earlier run made, whose result could not take its place."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _state(work: WorkFolder) -> dict[str, Any]:
    """Return what is done, and until when each video's last frame is shown, seconds."""
    state = work.load_state() or {}
    return state if "ends" in state else {"done": 0, "ends": []}


def _parts(video: StereoVideo) -> tuple[str, ...]:
    return VIEWS if len(video.readers) == 2 else ("both",)


def _piece(work: WorkFolder, part: str, first: int) -> Path:
    return work.path / f"{part}_{first:09}{PIECE_SUFFIX}"
