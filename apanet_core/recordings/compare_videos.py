"""Videos beside what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from apanet_core.recordings.comparison import NUMBERED, Compared, write_comparison
from apanet_core.recordings.videos import StereoVideo, VideoReader
from apanet_core.recordings.videos.stereo import StereoFrame
from apanet_core.recordings.videos.ticks import properties_for


def compare_videos(
    rainy: Sequence[Path], derained: Sequence[Path], target: Path, force: bool = False
) -> int:
    """Write rainy beside derained frames, shown when those of the first derained video are.

    Args:
        rainy: one side-by-side video, or the left and the right one.
        derained: what `derain_video` made of them.
        target: as `write_comparison`, whose result this returns and whose errors it raises.
        force: replace an existing `target`.
    """
    with ExitStack() as stack:
        before = stack.enter_context(StereoVideo(rainy))
        after = [stack.enter_context(VideoReader(path)) for path in derained]
        count = len(after[0].scan.ticks)
        properties = replace(after[0].properties, display_matrix=None, pixel_aspect=None)
        properties = properties_for(target, properties, derained[:1])
        pairs = _compared(before, after)
        return write_comparison(pairs, target, properties, count, force, [NUMBERED])


def _compared(rainy: StereoVideo, derained: Sequence[VideoReader]) -> Iterator[Compared]:
    """Yield the pairs in the order in which they were derained."""
    outputs = map(StereoFrame, zip(*(video.timed_frames() for video in derained), strict=True))
    for number, (before, after) in enumerate(zip(rainy.pairs(), outputs, strict=False)):
        shown = after.frames[0]
        yield Compared(f"{number:06}", before.views(), after.views(), shown.time, shown.end)
