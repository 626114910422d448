"""Recording over real DDS, from a player in another process."""

import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.recorder import BagRecorder
from apanet_ros.bags.stereo_bag import StereoBagWriter, read_images, stereo_topics
from apanet_ros.bags.writer import BagWriter
from apanet_ros.ros_session import spinning, tool_node

START = 1_700_000_000_987_654_321


def write_source(path):
    random = np.random.default_rng(8)
    with StereoBagWriter(path, "sqlite3") as bag:
        for number in range(5):
            # A width that leaves a message's last word unfilled, which DDS then fills.
            left, right = random.integers(0, 256, (2, 20, 31, 3), np.uint8)
            bag.write(StereoFrame(START + number * 10**8, left, right, StereoGeometry()))
    return path


def test_what_is_played_is_recorded_at_its_own_stamps(tmp_path, ros_environment, monkeypatch):
    for name, value in ros_environment.items():
        monkeypatch.setenv(name, value)
    source = write_source(tmp_path / "source")
    with BagWriter(tmp_path / "copy") as bag, tool_node("recorder") as node:
        recorder = BagRecorder(node, bag, stereo_topics())
        with spinning(node):
            command = [sys.executable, "-m", "apanet_ros.cli", "replay", str(source)]
            subprocess.run([*command, "--wait-for-subscribers", "30"], check=True, timeout=90)
            deadline = time.monotonic() + 30
            while sum(recorder.counts.values()) < 20 and time.monotonic() < deadline:
                time.sleep(0.05)
        assert recorder.counts == dict.fromkeys(stereo_topics(), 5)
    copied = {(stamp, view): image for stamp, view, image in read_images(tmp_path / "copy")}
    for stamp, view, image in read_images(source):
        np.testing.assert_array_equal(copied[stamp, view], image)
    with BagReader(tmp_path / "copy") as reader:
        for message in reader.messages(stereo_topics()):
            assert message.time_ns == header_stamp_ns(message.serialized)
        assert reader.start_ns == START
        assert reader.duration_ns == 4 * 10**8


@pytest.mark.parametrize(
    ("encapsulation", "stamp"),
    [(b"\0\1\0\0", b"\2\0\0\0\3\0\0\0"), (b"\0\0\0\0", b"\0\0\0\2\0\0\0\3")],
)
def test_a_stamp_is_read_in_either_byte_order(encapsulation, stamp):
    assert header_stamp_ns(encapsulation + stamp) == 2_000_000_003
