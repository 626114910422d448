import numpy as np
import pytest

pytest.importorskip("rosbags")

from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.stereo_bag import StereoBagWriter, read_images, stereo_topics

START = 1_700_000_000_123_456_789
CAMERA = StereoGeometry(focal_px=700.0, baseline_m=0.25, center=(21.5, 13.0))


def frames(count: int = 3) -> list[StereoFrame]:
    random = np.random.default_rng(5)
    return [
        StereoFrame(
            START + number * 100_000_000,
            random.integers(0, 256, (30, 43, 3), np.uint8),
            random.integers(0, 256, (30, 43, 3), np.uint8),
            CAMERA,
        )
        for number in range(count)
    ]


@pytest.fixture(params=["mcap", "sqlite3"])
def bag(tmp_path, request):
    with StereoBagWriter(tmp_path / "bag", request.param) as writer:
        for frame in frames():
            writer.write(frame)
    return tmp_path / "bag"


def test_images_come_back_as_they_were(bag):
    images = {(stamp, view): image for stamp, view, image in read_images(bag)}
    assert len(images) == 6
    for frame in frames():
        np.testing.assert_array_equal(images[frame.stamp_ns, "left"], frame.left)
        np.testing.assert_array_equal(images[frame.stamp_ns, "right"], frame.right)


def test_the_four_topics_carry_one_stamp_each_frame(bag):
    stamps: dict[str, list[int]] = {}
    with BagReader(bag) as reader:
        assert {topic.name: topic.message_type for topic in reader.topics} == stereo_topics()
        for message in reader.messages(stereo_topics()):
            stamp = reader.deserialize(message).header.stamp
            stamps.setdefault(message.topic, []).append(stamp.sec * 10**9 + stamp.nanosec)
            assert message.time_ns == stamps[message.topic][-1]
    expected = [frame.stamp_ns for frame in frames()]
    assert stamps == dict.fromkeys(stereo_topics(), expected)


def test_camera_info_describes_the_rectified_pair(bag):
    with BagReader(bag) as reader:
        (right, *_) = reader.messages(["/stereo/right/camera_info"])
        (left, *_) = reader.messages(["/stereo/left/camera_info"])
        right_info, left_info = reader.deserialize(right), reader.deserialize(left)
    # fmt: off
    assert right_info.p.tolist() == [700.0, 0.0, 21.5, -175.0,
                                     0.0, 700.0, 13.0, 0.0,
                                     0.0, 0.0, 1.0, 0.0]
    # fmt: on
    assert left_info.p.tolist()[3] == 0.0
    assert right_info.k.tolist() == [700.0, 0.0, 21.5, 0.0, 700.0, 13.0, 0.0, 0.0, 1.0]
    assert right_info.r.tolist() == np.eye(3).ravel().tolist()
    assert (right_info.width, right_info.height) == (43, 30)
    assert right_info.d.tolist() == [0.0] * 5
    assert left_info.header.frame_id == "stereo_left_optical_frame"
    assert right_info.header.frame_id == "stereo_left_optical_frame"
