import numpy as np
import pytest

pytest.importorskip("skimage")

from apanet_ros.demo.scene import WINDOW_HEIGHT, WINDOW_WIDTH, motorcycle_drive


def test_the_drive_keeps_size_and_rate_and_moves_the_camera():
    frames = list(motorcycle_drive(20, 10.0))
    assert {frame.left.shape for frame in frames} == {(WINDOW_HEIGHT, WINDOW_WIDTH, 3)}
    assert set(np.diff([frame.stamp_ns for frame in frames])) == {100_000_000}
    centers = {frame.camera.center for frame in frames}
    assert len(centers) > 10
    assert (frames[0].left != frames[5].left).any()
