"""One recording to derain, in this process or in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from glob import escape
from pathlib import Path
from typing import Any

from apanet_core.data.stereo_folder import PairFiles, pair_folders
from apanet_core.data.view_names import VIEWS
from apanet_core.error_sentences import reason_of
from apanet_core.errors import ImageError
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.recordings.compare_videos import compare_videos
from apanet_core.recordings.comparison import (
    NUMBERED,
    Compared,
    check_comparison,
    write_comparison,
)
from apanet_core.recordings.derain_pictures import derain_folders, derain_pair
from apanet_core.recordings.derain_video import derain_video
from apanet_core.recordings.inputs import Kind, Recording
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import identity_of
from apanet_core.recordings.videos.formats import require_av
from apanet_core.recordings.videos.properties import DEFAULT_FPS
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.runtime.waiting_threads import let_waiting_threads_sleep
from apanet_core.weights import resolve_weights

DEFAULT_SLOP_MS = 10.0
"""The node's default."""


@dataclass(frozen=True)
class Job:
    """What to derain, with what, and where to.

    Attributes:
        recording: the input.
        output: the file or folder to make.
        model, device, veil_removal: as `StereoDerainer` takes them.
        compare: where to write rainy beside derained; None writes none.
        force: replace existing outputs, and begin unfinished work anew.
        instead: in a bag, derained images take the place of the rainy ones.
        topics: of a bag, left and right; None finds them.
        slop_ms: largest difference of the stamps of a pair in a bag.
        right_offset_ms: added to a bag's right stamps before they are compared.
        side_by_side: of a bag, the one topic whose images hold both views; empty where two do.
    """

    recording: Recording
    output: Path
    model: str = "tiny"
    device: str = "auto"
    compare: Path | None = None
    force: bool = False
    instead: bool = False
    topics: tuple[str, str] | None = None
    slop_ms: float = DEFAULT_SLOP_MS
    right_offset_ms: float = 0.0
    veil_removal: float = 1.0
    side_by_side: str = ""

    def identity(self) -> dict[str, Any]:
        """Return what decides the output, as JSON knows it."""
        return {
            "input": identity_of(self.recording.paths),
            "model": identity_of([resolve_weights(self.model)]),
            "instead": self.instead,
            "topics": self.topics,
            "pairing": [self.slop_ms, self.right_offset_ms],
            "veil_removal": self.veil_removal,
            **({"side_by_side": self.side_by_side} if self.side_by_side else {}),
        }


class ComparisonInterrupted(KeyboardInterrupt):
    """The output is whole, and its comparison was not written."""


@lru_cache(maxsize=1)
def derainer_of(model: str, device: str, veil_removal: float = 1.0) -> StereoDerainer:
    """Return the derainer, loaded once in a process; errors as `StereoDerainer`.

    Of pictures with 16 bits it expects the full range.
    """
    let_waiting_threads_sleep()
    return StereoDerainer(model, device, veil_removal=veil_removal, bits=16)


def derain_recording(job: Job) -> Tally:
    """Derain pictures or a video, and write the comparison where one is asked for.

    Raises:
        ApanetError: as `derain_pair`, `derain_folders` and `derain_video`.
        ComparisonInterrupted: for a `KeyboardInterrupt` once the output is whole.
    """
    pairs = _pairs(job.recording)
    if job.compare is not None:
        check_comparison(job.compare, job.force, _compared_names(pairs))
    if job.recording.kind in (Kind.PAIR, Kind.FOLDERS):
        return _derain_pictures(job, pairs)
    return _derain_videos(job)


def _derain_pictures(job: Job, pairs: Sequence[PairFiles]) -> Tally:
    derain = derainer_of(job.model, job.device, job.veil_removal).derain
    if job.recording.kind is Kind.PAIR:
        tally = derain_pair(derain, pairs[0], job.output, job.force)
    else:
        tally = derain_folders(derain, pairs, job.output, job.identity(), job.force)
    if job.compare is not None:
        try:
            tally.fitted = _compare_pictures(job, job.compare, pairs)
        except KeyboardInterrupt:
            raise ComparisonInterrupted from None
        except OSError as error:
            raise ImageError(
                f"{job.output} is whole, but {job.compare} cannot be written: {reason_of(error)}; "
                "make room, then run the same command again with --force to make both anew."
            ) from error
    return tally


def _pairs(recording: Recording) -> list[PairFiles]:
    """Return the pairs of pictures of a recording; none of a video."""
    if recording.kind is Kind.PAIR:
        return [PairFiles(*recording.paths)]
    return pair_folders(*recording.paths) if recording.kind is Kind.FOLDERS else []


def _derain_videos(job: Job) -> Tally:
    require_av()
    derain = derainer_of(job.model, job.device, job.veil_removal).derain
    paths = job.recording.paths
    fitted: list[int] = []

    def compare(outputs: Sequence[Path]) -> None:
        if job.compare is None:
            return
        try:
            fitted.append(compare_videos(paths, outputs, job.compare, job.force))
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(job.compare)) from error

    tally = derain_video(derain, paths, job.output, job.identity(), job.force, compare)
    tally.fitted = sum(fitted)
    return tally


def _compare_pictures(job: Job, target: Path, files: Sequence[PairFiles]) -> int:
    """Read input and output again, so that an interruption costs the derained nothing.

    Returns what `write_comparison` does.
    """
    names = _compared_names(files)
    pictures = _pictures(job, files)
    return write_comparison(pictures, target, float(DEFAULT_FPS), len(files), job.force, names)


def _compared_names(pairs: Sequence[PairFiles]) -> list[str]:
    """Return patterns of the pictures in a folder that compares, known before the deraining."""
    return [f"{escape(pair.left.stem)}.jpg" for pair in pairs] or [NUMBERED]


def _pictures(job: Job, files: Sequence[PairFiles]) -> Iterator[Compared]:
    level = WhiteLevel()
    for pair in files:
        try:
            rainy = pair.read_pictures(level)
        except ImageError:
            continue  # It was copied as it is, and told.
        if job.recording.kind is Kind.PAIR:
            outputs = [f"{view}{path.suffix}" for view, path in zip(VIEWS, pair, strict=True)]
        else:
            outputs = [f"{view}/{path.name}" for view, path in zip(VIEWS, pair, strict=True)]
        derained = PairFiles(*(job.output / name for name in outputs)).read_pictures(level)
        yield Compared(pair.left.stem, rainy, derained)
