from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.flicker import (
    consistent_pixels,
    dense_flow,
    evaluate_flicker,
    temporal_difference,
)
from apanet_core.imaging.files import read_rgb

VIDEO = Path(__file__).resolve().parents[4] / "shared" / "data" / "rain_real" / "video_moving"


def unchanged(left, right):
    return left, right


def flow(*columns: float, rows: float = 0) -> np.ndarray:
    return np.array([[[column, rows] for column in columns]], np.float32)


def picture(*levels: int) -> np.ndarray:
    return np.repeat(np.array([levels], np.uint8)[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def panned(motorcycle) -> list[np.ndarray]:
    """A window that moves over the motorcycle, two pixels to the right a frame."""
    left = motorcycle[0]
    return [left[100:228, 200 + 2 * step : 392 + 2 * step] for step in range(4)]


def test_the_difference_along_the_motion_by_hand() -> None:
    first, second = picture(10, 20, 30, 40), picture(0, 12, 20, 30)
    # All but the last move to the right by one: 10 to 12, 20 to 20, 30 to 30.
    moved = flow(1, 1, 1, 0)

    assert temporal_difference(first, second, moved, np.array([[True] * 3 + [False]])) == (
        pytest.approx(2 / 3)
    )
    assert math.isnan(temporal_difference(first, second, moved, np.zeros((1, 4), bool)))


def test_flow_that_leaves_or_does_not_come_back_is_not_followed() -> None:
    # Column 0 goes to 1 and back; 1 goes to 2, from where the way back is 3 long; 2 stays;
    # 3 leaves the picture.
    forward = flow(1, 1, 0, 1)
    backward = flow(0, -1, 0, 0)
    backward[0, 2] = (-3, 0)

    assert consistent_pixels(forward, backward).tolist() == [[True, False, False, False]]
    assert not consistent_pixels(flow(0, 0, rows=-1), flow(0, 0, rows=1)).any()


def test_the_motion_of_a_moving_camera_is_found(panned) -> None:
    found = dense_flow(panned[0], panned[1])

    assert found.shape == (128, 192, 2)
    # The camera goes right, so what it sees goes left.
    np.testing.assert_allclose(np.median(found, axis=(0, 1)), [-2, 0], atol=0.1)


def test_doing_nothing_changes_no_flicker(panned) -> None:
    found = evaluate_flicker(unchanged, panned)

    assert found.output == found.input
    assert (found.change, found.change_error, found.contrast) == (0, 0, 1)
    assert found.input < 3
    assert found.followed > 0.8
    assert found.steps == 3


def test_a_derainer_whose_brightness_jumps_flickers(panned) -> None:
    """The frames get brighter by 10 and by 0 in turn: 10 levels more along the motion."""
    brighter = iter([10, 0, 10, 0])

    def derain(left, right):
        out = left // 2 + next(brighter)
        return out, out

    found = evaluate_flicker(derain, panned)

    assert found.output == pytest.approx(10, abs=1)
    assert found.change == found.output - found.input
    assert found.contrast == pytest.approx(0.5, abs=0.01)


def test_the_error_of_the_change_is_that_of_its_mean_over_the_steps() -> None:
    """Flat frames of 100: outputs of 100, 101, 103 and 100 add 1, 2 and 3 levels."""
    frames = [np.full((32, 32, 3), 100, np.uint8)] * 4
    levels = iter([100, 101, 103, 100])

    found = evaluate_flicker(lambda left, _: (np.full_like(left, next(levels)),) * 2, frames)

    assert (found.input, found.output) == (0, 2)
    assert found.change_error == pytest.approx(1 / math.sqrt(3))
    assert math.isnan(found.contrast)
    assert math.isnan(evaluate_flicker(unchanged, frames[:2]).change_error)


def test_taking_the_rain_out_takes_the_flicker_out(panned) -> None:
    generator = np.random.default_rng(3)
    rainy = []
    for frame in panned:
        wet = frame.copy()
        for column in generator.integers(0, 192, 30):
            top = int(generator.integers(0, 110))
            cv2.line(wet, (int(column), top), (int(column) + 2, top + 15), (230, 230, 230), 1)
        rainy.append(wet)
    dry = iter(panned)

    found = evaluate_flicker(lambda *_: (next(dry),) * 2, rainy)

    assert found.output < 0.7 * found.input


def test_every_frame_is_shown(panned) -> None:
    shown = []

    evaluate_flicker(unchanged, panned, lambda *result: shown.append(result))

    assert [number for number, *_ in shown] == [0, 1, 2, 3]
    assert {weather for _, weather, _ in shown} == {"rain"}
    (frame,), (output,) = shown[1][2]
    assert frame is panned[1]
    assert output is panned[1]


def test_one_frame_is_no_video(panned) -> None:
    with pytest.raises(ImageError, match="a video of at least two frames"):
        evaluate_flicker(unchanged, panned[:1])


def test_frames_of_two_sizes_are_refused(panned) -> None:
    with pytest.raises(ImageError, match=r"need one size: \(128, 192\), then \(127, 192\)"):
        evaluate_flicker(unchanged, [panned[0], panned[1][1:]])


@pytest.mark.skipif(not VIDEO.is_dir(), reason=f"the rainy video is not here: no {VIDEO}")
def test_most_of_a_rainy_drive_is_followed_and_a_median_calms_it() -> None:
    frames = [read_rgb(path) for path in sorted(VIDEO.iterdir())[:3]]

    def derain(left, right):
        return cv2.medianBlur(left, 5), right

    found = evaluate_flicker(derain, frames)

    assert found.followed > 0.4
    assert found.output < 0.9 * found.input
