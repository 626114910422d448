"""One recording to derain, in this process or in another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from glob import escape
from pathlib import Path
from typing import Any

from apanet_core.data.stereo_folder import PairFiles, pair_folders
from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Views
from apanet_core.recordings.comparison import (
    NUMBERED,
    Compared,
    check_comparison,
    write_comparison,
)
from apanet_core.recordings.derain_pictures import derain_folders, derain_pair
from apanet_core.recordings.derain_video import derain_video, video_pairs
from apanet_core.recordings.inputs import VIEWS, Kind, Recording
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import identity_of
from apanet_core.recordings.videos import DEFAULT_FPS, VideoReader
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
        model, device: as `StereoDerainer` takes them.
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
    side_by_side: str = ""

    def identity(self) -> dict[str, Any]:
        """Return what decides the output, as JSON knows it."""
        return {
            "input": identity_of(self.recording.paths),
            "model": identity_of([resolve_weights(self.model)]),
            "instead": self.instead,
            "topics": self.topics,
            "pairing": [self.slop_ms, self.right_offset_ms],
            **({"side_by_side": self.side_by_side} if self.side_by_side else {}),
        }


class ComparisonInterrupted(KeyboardInterrupt):
    """The output is whole, and its comparison was not written."""


@lru_cache(maxsize=1)
def derainer_of(model: str, device: str) -> StereoDerainer:
    """Return the derainer, loaded once in a process; errors as `StereoDerainer`."""
    let_waiting_threads_sleep()
    return StereoDerainer(model, device)


def derain_recording(job: Job) -> Tally:
    """Derain pictures or a video, and write the comparison where one is asked for.

    Raises:
        ApanetError: as `derain_pair`, `derain_folders` and `derain_video`.
        ComparisonInterrupted: for a `KeyboardInterrupt` once the output is whole.
    """
    if job.compare is not None:
        check_comparison(job.compare, job.force, _compared_names(job.recording))
    kind, paths = job.recording.kind, job.recording.paths
    derain = derainer_of(job.model, job.device).derain
    if kind is Kind.PAIR:
        tally = derain_pair(derain, PairFiles(*paths), job.output, job.force)
    elif kind is Kind.FOLDERS:
        tally = derain_folders(derain, pair_folders(*paths), job.output, job.identity(), job.force)
    else:
        tally = derain_video(derain, paths, job.output, job.identity(), job.force)
    if job.compare is not None:
        try:
            tally.fitted = _compare(job, job.compare)
        except KeyboardInterrupt:
            raise ComparisonInterrupted from None
    return tally


def _compare(job: Job, target: Path) -> int:
    """Read input and output again, so that an interruption costs the derained nothing.

    Returns what `write_comparison` does.
    """
    names = _compared_names(job.recording)
    kind, paths = job.recording.kind, job.recording.paths
    if kind in (Kind.PAIR, Kind.FOLDERS):
        files = [PairFiles(*paths)] if kind is Kind.PAIR else pair_folders(*paths)
        pictures = _pictures(job, files)
        return write_comparison(pictures, target, DEFAULT_FPS, len(files), job.force, names)
    outputs = [job.output]
    if kind is Kind.VIDEOS:
        outputs = [
            job.output / f"{view}{path.suffix}" for view, path in zip(VIEWS, paths, strict=True)
        ]
    with ExitStack() as stack:
        rainy, derained = (
            [stack.enter_context(VideoReader(path)) for path in each] for each in (paths, outputs)
        )
        both = zip(video_pairs(rainy), video_pairs(derained), strict=False)
        pairs = ((f"{number:06}", *views) for number, views in enumerate(both))
        return write_comparison(pairs, target, rainy[0].fps, derained[0].count, job.force, names)


def _compared_names(recording: Recording) -> list[str]:
    """Return patterns of the pictures in a folder that compares, known before the deraining."""
    if recording.kind is Kind.FOLDERS:
        return [f"{escape(pair.left.stem)}.jpg" for pair in pair_folders(*recording.paths)]
    if recording.kind is Kind.PAIR:
        return [f"{escape(recording.paths[0].stem)}.jpg"]
    return [NUMBERED]


def _pictures(job: Job, files: list[PairFiles]) -> Iterator[Compared]:
    for pair in files:
        try:
            rainy: Views = pair.read()
        except ImageError:
            continue  # It was copied as it is, and told.
        if job.recording.kind is Kind.PAIR:
            outputs = [f"{view}{path.suffix}" for view, path in zip(VIEWS, pair, strict=True)]
        else:
            outputs = [f"{view}/{path.name}" for view, path in zip(VIEWS, pair, strict=True)]
        derained = PairFiles(*(job.output / name for name in outputs)).read()
        yield pair.left.stem, rainy, derained
