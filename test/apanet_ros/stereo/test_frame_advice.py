import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.frame_advice import frame_advice


def infos(left: str, right: str) -> dict[Side, CameraInfo]:
    found = {Side.LEFT: CameraInfo(), Side.RIGHT: CameraInfo()}
    found[Side.LEFT].header.frame_id, found[Side.RIGHT].header.frame_id = left, right
    return found


@pytest.mark.parametrize(("right", "name"), [("right_optical", "right_optical"), ("", "no frame")])
def test_two_frames_are_named(right: str, name: str) -> None:
    (sentence,) = frame_advice(infos("left_optical", right))
    assert sentence == (
        f"The left camera_info names the frame left_optical and the right one {name}, on which "
        "stereo_image_proc aborts where it is built with assertions: let the driver name the left "
        "camera's optical frame in both."
    )


def test_one_frame_or_one_camera_needs_no_advice() -> None:
    assert frame_advice(infos("left_optical", "left_optical")) == []
    assert frame_advice({Side.LEFT: CameraInfo(), Side.RIGHT: None}) == []
    assert frame_advice({}) == []
