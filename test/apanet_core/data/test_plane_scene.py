import numpy as np
import pytest

from apanet_core.data.plane_scene import LARGEST_DISPARITY_PX, load_plane_scenes, stand_up
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


def picture(height: int = 40, width: int = 200) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def test_a_left_pixel_lies_at_its_disparity_in_the_right_view():
    # A ramp along x, so that grey values tell columns even between pixels.
    ramp = np.repeat(np.arange(200, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(3, axis=2)
    scene = stand_up(ramp, np.random.default_rng(0))
    disparity = scene.disparity.astype(float)
    columns = np.arange(scene.left.shape[1])[None, :]
    assert scene.left.shape == scene.right.shape == (40, 200 - int(LARGEST_DISPARITY_PX), 3)
    assert np.abs(scene.right[..., 0] - (columns + disparity)).max() <= 1


def test_the_ground_comes_nearer_below_the_wall():
    rows = stand_up(picture(), np.random.default_rng(1)).disparity[:, 0].astype(float)
    assert (np.diff(rows) >= 0).all()
    assert 1 <= rows[0] < rows[-1] <= LARGEST_DISPARITY_PX


def test_the_same_seed_makes_the_same_scenes(tmp_path):
    for name in ("b.png", "a.png"):
        write_rgb(tmp_path / name, picture())
    first, again = (load_plane_scenes(tmp_path, seed=5) for _ in range(2))
    assert len(first) == 2
    for one, other in zip(first, again, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(one, other, strict=True))
    assert not np.array_equal(first[0].disparity, first[1].disparity)


def test_a_narrow_picture_is_refused():
    with pytest.raises(ImageError, match="60 pixels wide is too narrow"):
        stand_up(picture(width=60), np.random.default_rng(0))
