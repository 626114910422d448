from dataclasses import replace

import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.rainy_frames import rain_on
from apanet_core.sequences.stereo_frame import StereoFrame


def dry_frames(count: int = 3) -> list[StereoFrame]:
    grey = np.full((64, 96, 3), 60, np.uint8)
    disparity = np.full((64, 96), 12.0, np.float32)
    return [StereoFrame(n, grey, grey, StereoGeometry(), disparity) for n in range(count)]


def test_rain_falls_on_both_views_and_keeps_the_rest():
    for dry, rainy in zip(dry_frames(), rain_on(dry_frames(), "heavy", seed=3), strict=True):
        assert (rainy.stamp_ns, rainy.camera) == (dry.stamp_ns, dry.camera)
        assert (rainy.left != dry.left).any()
        assert (rainy.right != dry.right).any()


def test_drops_move_by_the_time_between_stamps():
    def rainy(step_ns: int) -> np.ndarray:
        """The second of two frames, so far apart in time."""
        stamps = (1_700_000_000_000_000_000, 1_700_000_000_000_000_000 + step_ns)
        frames = [replace(dry, stamp_ns=s) for dry, s in zip(dry_frames(2), stamps, strict=True)]
        return list(rain_on(frames, "heavy", seed=3))[1].left.astype(float)

    at_once, soon, later = (rainy(step_ns) for step_ns in (0, 2_000_000, 100_000_000))
    changed = [np.abs(after - at_once).mean() for after in (soon, later)]
    assert 0 < changed[0] < 0.8 * changed[1]


def test_frames_out_of_order_are_refused():
    with pytest.raises(ImageError, match="follows one at"):
        list(rain_on(dry_frames()[::-1], "heavy", seed=3))


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
