from dataclasses import replace

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.panning import crop, pan, wander
from apanet_core.sequences.stereo_frame import StereoFrame

HEIGHT, WIDTH = 40, 60


def numbered_frame() -> StereoFrame:
    """A frame whose pixels say where they are: red is the row, green the column."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    left = np.stack([rows, columns, rows * 0], axis=2).astype(np.uint8)
    disparity = columns.astype(np.float32)
    return StereoFrame(1_000, left, left + np.uint8(1), StereoGeometry(500.0, 0.1), disparity)


def test_a_window_shows_the_same_place_in_both_views_and_the_disparity():
    window = crop(numbered_frame(), x=7, y=5, height=10, width=20)
    assert window.left.shape == window.right.shape == (10, 20, 3)
    assert tuple(window.left[0, 0]) == (5, 7, 0)
    assert tuple(window.right[0, 0]) == (6, 8, 1)
    assert window.disparity is not None
    assert window.disparity[0, 0] == 7


def test_the_principal_point_moves_against_the_window():
    """A point's direction, (x - cx) / f, is the same in the window as in the whole picture."""
    frame = numbered_frame()
    window = crop(frame, x=7, y=5, height=10, width=20)
    assert frame.camera.center_of(HEIGHT, WIDTH) == (30.0, 20.0)
    assert window.camera.center_of(10, 20) == (23.0, 15.0)
    again = crop(window, x=1, y=2, height=4, width=4)
    assert again.camera.center_of(4, 4) == (22.0, 13.0)


def test_without_disparity_there_is_none():
    assert crop(replace(numbered_frame(), disparity=None), 0, 0, 4, 4).disparity is None


def test_a_pan_has_even_stamps_and_one_size():
    frames = list(pan(numbered_frame(), 8, pairs_per_second=20.0, height=24, width=32))
    assert [frame.stamp_ns for frame in frames] == [1_000 + n * 50_000_000 for n in range(8)]
    assert {frame.left.shape for frame in frames} == {(24, 32, 3)}
    assert len({tuple(frame.left[0, 0]) for frame in frames}) > 4, "the window moves"


def test_the_path_uses_the_room_and_is_closed_and_smooth():
    path = np.array(wander(40, room_x=100, room_y=50))
    assert path.min(axis=0).tolist() == [0, 0]
    assert path.max(axis=0).tolist() == [100, 50]
    steps = np.diff(np.vstack([path, path[:1]]), axis=0)
    assert np.abs(steps).max() <= 10


def test_no_room_means_no_motion():
    assert set(wander(5, 0, 0)) == {(0, 0)}


@pytest.mark.parametrize(("height", "width"), [(HEIGHT + 1, WIDTH), (HEIGHT, WIDTH + 1)])
def test_a_window_larger_than_the_images_is_refused(height, width):
    with pytest.raises(ConfigError, match=r"does not fit in images of 60x40; give a smaller"):
        list(pan(numbered_frame(), 3, 10.0, height, width))
