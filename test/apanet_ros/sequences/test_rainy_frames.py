import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.rain import StereoGeometry
from apanet_ros.sequences.rainy_frames import rain_on
from apanet_ros.sequences.stereo_frame import StereoFrame


def dry_frames(count: int = 3) -> list[StereoFrame]:
    grey = np.full((64, 96, 3), 60, np.uint8)
    disparity = np.full((64, 96), 12.0, np.float32)
    return [StereoFrame(n, grey, grey, StereoGeometry(), disparity) for n in range(count)]


def test_rain_falls_on_both_views_and_keeps_the_rest():
    for dry, rainy in zip(dry_frames(), rain_on(dry_frames(), "heavy", seed=3), strict=True):
        assert (rainy.stamp_ns, rainy.camera) == (dry.stamp_ns, dry.camera)
        assert (rainy.left != dry.left).any()
        assert (rainy.right != dry.right).any()


def test_a_seed_gives_the_same_rain_and_every_frame_new_drops():
    first, again = (list(rain_on(dry_frames(), "heavy", seed=3)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.left, other.left)
        np.testing.assert_array_equal(one.right, other.right)
    assert (first[0].left != first[1].left).any()
    (other_seed, *_) = rain_on(dry_frames(), "heavy", seed=4)
    assert (other_seed.left != first[0].left).any()


def test_an_unknown_severity_lists_the_valid_ones():
    with pytest.raises(ConfigError, match="Unknown severity 'biblical'; valid: drizzle, light"):
        list(rain_on(dry_frames(), "biblical", seed=0))
