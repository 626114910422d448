"""The stereo pairs of one side-by-side video, or of two videos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Views
from apanet_core.imaging.types import ByteImage
from apanet_core.recordings.videos.pairing import FramePairs
from apanet_core.recordings.videos.reader import TimedFrame, VideoReader

_SAME_RATE = 0.02


@dataclass(frozen=True)
class StereoFrame:
    """A pair of views: the two halves of one frame, or two frames."""

    frames: tuple[TimedFrame, ...]

    def views(self) -> Views:
        """Return left and right, uint8 RGB `[H,W,3]`; raises `ImageError` for an odd width."""
        if len(self.frames) == 1:
            return split_views(self.frames[0].rgb())
        left, right = self.frames
        return left.rgb(), right.rgb()


class StereoVideo:
    """One side-by-side video or two, read once; use it as a context manager.

    A frame that holds both views is split as it is stored. Frames of two videos come upright, as a
    player shows them, since their rows are the epipolar lines.

    Attributes:
        readers: one or two.
        unpaired: frames of two videos without a partner, counted once the last pair is read.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open one video or two; raises `ImageError` as `VideoReader`."""
        self.unpaired = 0
        self.readers: list[VideoReader] = []
        with ExitStack() as stack:
            for path in paths:
                reader = VideoReader(path, upright=len(paths) == 2)
                self.readers.append(stack.enter_context(reader))
            self._opened = stack.pop_all()

    def __enter__(self) -> StereoVideo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    @property
    def count(self) -> int:
        """How many pairs there are at most."""
        return min(len(reader.scan.ticks) for reader in self.readers)

    @property
    def lost(self) -> int:
        """Frames that are damaged or missing, once the last pair is read."""
        return sum(reader.lost for reader in self.readers)

    @property
    def limit(self) -> Fraction:
        """How far the frames of a pair may be apart: half an interval of the faster video."""
        return min(reader.scan.interval for reader in self.readers) / 2

    def pairs(self) -> Iterator[StereoFrame]:
        """Yield the pairs in the order of time."""
        if len(self.readers) == 1:
            for frame in self.readers[0].timed_frames():
                yield StereoFrame((frame,))
            return
        left, right = self.readers
        pairs = FramePairs(left.timed_frames(), right.timed_frames(), self.limit)
        for pair in pairs:
            yield StereoFrame(pair)
        self.unpaired = pairs.unpaired

    def remarks(self) -> list[str]:
        """Return sentences on what a person may not expect, once the last pair is read."""
        remarks = [
            f"{reader.path} has {reader.bits} bits a colour"
            f"{f' ({hdr})' if (hdr := reader.properties.colors.hdr) else ''}; they become 8."
            for reader in self.readers
            if reader.bits > 8
        ]
        remarks += [
            f"{reader.path}: {reader.damaged} of the derained frames have damaged parts."
            for reader in self.readers
            if reader.damaged
        ]
        rates = [1 / float(reader.scan.interval) for reader in self.readers]
        if max(rates) / min(rates) > 1 + _SAME_RATE:
            remarks.append(
                f"{self.readers[0].path} has {rates[0]:.4g} frames a second and "
                f"{self.readers[1].path} {rates[1]:.4g}: they are paired by time."
            )
        return remarks

    def why_no_pair(self) -> str:
        """Return a sentence that says why no pair came out."""
        for reader in self.readers:
            is_empty = not reader.scan.ticks or reader.lost >= len(reader.scan.ticks)
            if is_empty or len(self.readers) == 1:
                return f"{reader.path} holds no frame that can be read."
        spans = (
            f"{reader.path} lasts from {float(times[0]):.3f} to {float(times[-1]):.3f} s"
            for reader in self.readers
            for times in [reader.scan.times]
        )
        return (
            f"No two frames are within {float(self.limit) * 1000:.3g} ms: {' and '.join(spans)}; "
            "give videos of one time."
        )


def split_views(frame: ByteImage) -> Views:
    """Return the left and the right half of a side-by-side frame, uint8 RGB `[H,W,3]`.

    Raises:
        ImageError: its width is odd.
    """
    width = frame.shape[1]
    if width % 2:
        raise ImageError(
            f"A side-by-side frame of {width} px has no two equal halves: crop the video, or give "
            "two videos."
        )
    return frame[:, : width // 2], frame[:, width // 2 :]
