"""Does deraining a video frame by frame make it flicker? Differences along the motion."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain, derain_single
from apanet_core.evaluation.quality import known_error, known_mean
from apanet_core.evaluation.show import WEATHER, Show
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import eight_bits

FLOW_PX = 1.0
"""A pixel is followed where flow there and back ends within this distance of its start."""

Flow = NDArray[np.float32]
"""Where a pixel goes in the next frame: float32 `[H,W,2]`, pixels to the right and down."""


@dataclass(frozen=True)
class Flicker:
    """Mean over consecutive frames of the difference along the motion, levels of 0 to 255.

    Attributes:
        input: of the frames as they came; falling rain makes it large.
        output: of the derained frames, along the same motion at the same pixels.
        change_error: standard error of `change`; NaN of a single step.
        contrast: standard deviation of the derained frames over that of the input. A veil that is
            lifted raises it, and with it every difference.
        followed: share of the pixels that could be followed and so were measured.
        steps: how many pairs of consecutive frames.
    """

    input: float
    output: float
    change_error: float
    contrast: float
    followed: float
    steps: int

    @property
    def change(self) -> float:
        """What deraining adds; below 0 it calms the video."""
        return self.output - self.input


def evaluate_flicker(
    derain: Derain, frames: Iterable[Picture], show: Show | None = None
) -> Flicker:
    """Derain a video frame by frame and compare its flicker with that of the input.

    The motion is estimated on the input frames, never on the output: it fits the input best, so
    the comparison leans against the derainer.

    Args:
        derain: is given each frame as both views.
        frames: consecutive, uint8 or uint16 RGB `[H,W,3]`, one size; the camera may move.
        show: is shown every frame and what became of it.

    Raises:
        ImageError: there are fewer than two frames, or their sizes differ.
    """
    rows: list[tuple[float, float, float]] = []
    spreads: list[tuple[float, float]] = []
    before: tuple[ByteImage, ByteImage] | None = None
    for number, frame in enumerate(frames):
        after = (eight_bits(frame), eight_bits(derain_single(derain, frame)))
        spreads.append((float(after[0].std()), float(after[1].std())))
        if show is not None:
            show(number, WEATHER, tuple((picture,) for picture in after))
        if before is not None:
            rows.append(_step(before, after))
        before = after
    if not rows:
        raise ImageError("Flicker needs a video of at least two frames.")
    input_, output, followed = (known_mean(column) for column in zip(*rows, strict=True))
    error = known_error(dry - rainy for rainy, dry, _ in rows)
    spread_in, spread_out = (sum(column) for column in zip(*spreads, strict=True))
    contrast = spread_out / spread_in if spread_in else math.nan
    return Flicker(input_, output, error, contrast, followed, len(rows))


def temporal_difference(
    first: ByteImage, second: ByteImage, flow: Flow, followed: NDArray[np.bool_]
) -> float:
    """Return the mean absolute difference of two frames along the motion between them.

    Args:
        first, second: uint8 RGB `[H,W,3]`.
        flow: from the first to the second.
        followed: bool `[H,W]`, where to measure.

    Returns:
        Levels of 0 to 255; NaN where nothing is followed.
    """
    if not followed.any():
        return float("nan")
    difference = np.abs(_warp_back(second.astype(np.float32), flow) - first.astype(np.float32))
    return float(difference[followed].mean())


def dense_flow(first: ByteImage, second: ByteImage) -> Flow:
    """Estimate the motion from one uint8 RGB `[H,W,3]` frame to the next by inverse search."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    here, there = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second))
    start = np.zeros((*here.shape, 2), np.float32)
    return np.asarray(search.calc(here, there, start), np.float32)


def consistent_pixels(forward: Flow, backward: Flow) -> NDArray[np.bool_]:
    """Return where the flow there and back returns to its start and stays inside the frame."""
    height, width = forward.shape[:2]
    columns, rows = _targets(forward)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    closed = np.linalg.norm(forward + _warp_back(backward, forward), axis=-1) <= FLOW_PX
    return np.asarray(inside & closed, np.bool_)


def _step(
    before: tuple[ByteImage, ByteImage], after: tuple[ByteImage, ByteImage]
) -> tuple[float, float, float]:
    sizes = [frame.shape[:2] for frame in (before[0], after[0])]
    if sizes[0] != sizes[1]:
        raise ImageError(f"The frames of a video need one size: {sizes[0]}, then {sizes[1]}.")
    forward = dense_flow(before[0], after[0])
    followed = consistent_pixels(forward, dense_flow(after[0], before[0]))
    input_, output = (
        temporal_difference(first, second, forward, followed)
        for first, second in zip(before, after, strict=True)
    )
    return input_, output, float(followed.mean())


def _warp_back(image: NDArray[np.float32], flow: Flow) -> NDArray[np.float32]:
    """Return what each pixel of the first frame became: `[H,W,C]` of the second, by the flow."""
    warped = cv2.remap(image, *_targets(flow), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.float32)


def _targets(flow: Flow) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    return columns + flow[..., 0], rows + flow[..., 1]
