"""Replay over real DDS, to a subscriber in another process."""

import itertools
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from rosbags.interfaces import QosReliability
from rosbags.typesys import get_types_from_msg

from apanet_core.errors import ConfigError
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags.reader import BagReader, BagTopic
from apanet_ros.bags.replay import prefixed, select_topics
from apanet_ros.bags.stereo_bag import StereoBagWriter, stereo_topics
from apanet_ros.bags.writer import RELIABLE, BagWriter

START = 1_700_000_000_000_000_000
LISTENER = Path(__file__).with_name("listener.py")
PATIENCE_S = 60.0


def stereo_bag(path: Path, storage: str, count: int = 6) -> Path:
    random = np.random.default_rng(1)
    with StereoBagWriter(path, storage) as bag:
        for number in range(count):
            left, right = random.integers(0, 256, (2, 48, 64, 3), np.uint8)
            stamp = START + number * 100_000_000
            bag.write(StereoFrame(stamp, left, right, StereoGeometry()))
    return path


def recorded(bag: Path) -> list[tuple[str, str]]:
    with BagReader(bag) as reader:
        topics = [topic.name for topic in reader.topics]
        return [
            (message.topic, padded(message.serialized).hex()) for message in reader.messages(topics)
        ]


def padded(serialized: bytes) -> bytes:
    """Return what DDS delivers: it fills the last word of a message with zeros."""
    return serialized + bytes(-len(serialized) % 4)


def listen(ros_environment: dict[str, str], topics: dict[str, str], count: int):
    return subprocess.Popen(
        [sys.executable, str(LISTENER), json.dumps(topics), str(count), str(PATIENCE_S)],
        env=ros_environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def replay(ros_environment: dict[str, str], *arguments: str | Path):
    return subprocess.Popen(
        [sys.executable, "-m", "apanet_ros.cli", "replay", *map(str, arguments)],
        env=ros_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def received_by(listener) -> list[tuple[str, str, float]]:
    output, _ = listener.communicate(timeout=PATIENCE_S + 30)
    return [tuple(one) for one in json.loads(output)]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_every_message_arrives_byte_for_byte_and_in_time(tmp_path, ros_environment, storage):
    bag = stereo_bag(tmp_path / "bag", storage)
    listener = listen(ros_environment, stereo_topics(), 24)
    player = replay(ros_environment, bag, "--rate", "0.5", "--wait-for-subscribers", "30")
    received = received_by(listener)
    output, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 0, errors
    published = re.match(r"published 24 messages in ([\d.]+) s, ", output)
    assert published, output
    # Six pairs 0.1 s apart, at half speed. How late a busy machine receives them says nothing.
    assert float(published[1]) >= 1.0
    for topic in stereo_topics():
        sent = [content for name, content in recorded(bag) if name == topic]
        assert [content for name, content, _ in received if name == topic] == sent, topic


def test_loop_repeats_until_interrupted(tmp_path, ros_environment):
    bag = stereo_bag(tmp_path / "bag", "mcap", count=3)
    topic = "/stereo/left/camera_info"
    listener = listen(ros_environment, {topic: "sensor_msgs/msg/CameraInfo"}, 7)
    player = replay(
        ros_environment, bag, "--loop", "--wait-for-subscribers", "30", "--topics", topic
    )
    received = received_by(listener)
    player.send_signal(signal.SIGINT)
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 130
    assert "Traceback" not in errors
    sent = [content for name, content in recorded(bag) if name == topic]
    assert [content for _, content, _ in received[:7]] == [*sent, *sent, sent[0]]


def test_clock_carries_the_bags_time(tmp_path, ros_environment):
    bag = stereo_bag(tmp_path / "bag", "mcap", count=3)
    script = """
import rclpy, sys
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
rclpy.init()
node = rclpy.create_node("clock_listener")
times = []
def note(message):
    times.append(message.clock.sec * 10**9 + message.clock.nanosec)
node.create_subscription(Clock, "/clock", note, QoSProfile(depth=100))
while len(times) < 10:
    rclpy.spin_once(node, timeout_sec=0.1)
print(*times)
"""
    listener = subprocess.Popen(
        [sys.executable, "-c", script], env=ros_environment, stdout=subprocess.PIPE, text=True
    )
    player = replay(ros_environment, bag, "--clock", "20", "--rate", "0.5", "--loop")
    output, _ = listener.communicate(timeout=PATIENCE_S)
    player.send_signal(signal.SIGINT)
    player.communicate(timeout=PATIENCE_S)
    times = [int(one) for one in output.split()]
    assert all(START <= one <= START + 200_000_000 for one in times)
    # 20 ticks a second at half speed are 25 ms of the bag apart, within a pass.
    steps = {after - before for before, after in itertools.pairwise(times)}
    assert steps <= {25_000_000, -200_000_000}
    assert -200_000_000 in steps, "the clock jumps back when the bag starts again"


def test_prefix_moves_every_topic(tmp_path, ros_environment):
    bag = stereo_bag(tmp_path / "bag", "sqlite3", count=2)
    topics = {f"/robot1{topic}": kind for topic, kind in stereo_topics().items()}
    listener = listen(ros_environment, topics, 8)
    player = replay(ros_environment, bag, "--prefix", "/robot1", "--wait-for-subscribers", "30")
    assert {topic for topic, _, _ in received_by(listener)} == set(topics)
    player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 0


def test_best_effort_as_recorded_is_offered_again(tmp_path, ros_environment):
    """A reliable subscriber must not match: the recording offered best effort."""
    with BagWriter(tmp_path / "bag") as bag:
        best_effort = RELIABLE._replace(reliability=QosReliability.BEST_EFFORT)
        bag.add_topic("/info", "sensor_msgs/msg/CameraInfo", best_effort)
        message = next(iter_camera_info(tmp_path))
        bag.write("/info", START, message)
    listener = listen(ros_environment, {"/info": "sensor_msgs/msg/CameraInfo"}, 1)
    player = replay(ros_environment, tmp_path / "bag", "--wait-for-subscribers", "3")
    _, errors = player.communicate(timeout=PATIENCE_S)
    listener.kill()
    listener.communicate()
    assert "after 3 s nobody subscribes to /info; starting" in errors


def iter_camera_info(folder: Path):
    with BagReader(stereo_bag(folder / "source", "mcap", count=1)) as reader:
        for message in reader.messages(["/stereo/left/camera_info"]):
            yield message.serialized


def test_a_type_that_is_not_installed_is_skipped_with_a_line(tmp_path, ros_environment):
    with BagWriter(tmp_path / "bag") as bag:
        bag.add_topic("/camera_info", "sensor_msgs/msg/CameraInfo")
        bag.write("/camera_info", START, next(iter_camera_info(tmp_path)))
        bag.typestore.register(get_types_from_msg("int32 depth", "submarine_msgs/msg/Dive"))
        bag.add_topic("/dive", "submarine_msgs/msg/Dive")
        bag.write("/dive", START, b"\x00\x01\x00\x00" + bytes(4))
    player = replay(ros_environment, tmp_path / "bag")
    output, errors = player.communicate(timeout=PATIENCE_S)
    assert "skipping /dive: its type submarine_msgs/msg/Dive is not installed here" in errors
    assert output.startswith("published 1 messages")


FORBIDDEN = ["/lidar/1_2v", "/option/Auto Exposure", "/a//b", "/{camera}/x", "/" + 260 * "a"]


def words_bag(path: Path, topics: list[str], times: list[int]) -> Path:
    with BagWriter(path) as bag:
        for topic in topics:
            bag.add_topic(topic, "std_msgs/msg/String")
        for time_ns in times:
            for topic in topics:
                bag.write(topic, time_ns, b"\x00\x01\x00\x00\x02\x00\x00\x00a\x00")
    return path


def test_topic_names_that_ros_forbids_are_skipped_with_a_line(tmp_path, ros_environment):
    bag = words_bag(tmp_path / "bag", [*FORBIDDEN, "/words"], [START])
    output, errors = replay(ros_environment, bag).communicate(timeout=PATIENCE_S)
    for topic in FORBIDDEN:
        assert f"skipping {topic}: ROS 2 forbids such a topic name" in errors
    assert output.startswith("published 1 messages")


def test_a_topic_that_exists_with_another_type_is_skipped_with_a_line(tmp_path, ros_environment):
    bag = words_bag(tmp_path / "bag", ["/parameter_events", "/words"], [START])
    output, errors = replay(ros_environment, bag).communicate(timeout=PATIENCE_S)
    assert "skipping /parameter_events: ROS 2 does not let it be published (" in errors
    assert output.startswith("published 1 messages")


def test_a_bag_of_forbidden_names_alone_is_refused(tmp_path, ros_environment):
    player = replay(ros_environment, words_bag(tmp_path / "bag", FORBIDDEN, [START]))
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 2
    assert "holds no message that can be published here" in errors


@pytest.mark.parametrize("clock", [(), ("--clock",)])
def test_a_gap_of_54_years_is_told_and_skipped(tmp_path, ros_environment, clock):
    bag = words_bag(tmp_path / "bag", ["/words"], [0, START, START + 100_000_000])
    player = replay(ros_environment, bag, "--skip-gaps", *clock)
    output, errors = player.communicate(timeout=PATIENCE_S)
    told = "nothing is recorded for 54 years from 1970-01-01 00:00:00 UTC on: that is skipped"
    assert told in errors
    assert output.startswith("published 3 messages")


def test_loops_of_a_skipped_gap_follow_each_other_soon(tmp_path, ros_environment):
    bag = words_bag(tmp_path / "bag", ["/words"], [0, START, START + 100_000_000])
    listener = listen(ros_environment, {"/words": "std_msgs/msg/String"}, 7)
    player = replay(ros_environment, bag, "--skip-gaps", "--loop", "--wait-for-subscribers", "30")
    assert len(received_by(listener)) >= 7
    player.send_signal(signal.SIGINT)
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert errors.count("that is skipped") == 1, "once, not in every loop"


def test_a_gap_is_told_before_it_is_waited_for(tmp_path, ros_environment):
    bag = words_bag(tmp_path / "bag", ["/words"], [0, START])
    player = replay(ros_environment, bag, "--rate", "0.5")
    line = next(line for line in player.stderr if "nothing is recorded" in line)
    player.send_signal(signal.SIGINT)
    player.communicate(timeout=PATIENCE_S)
    assert "for 54 years" in line
    assert "waiting 108 years; --skip-gaps goes on at once" in line


def test_times_that_no_clock_carries_are_refused(tmp_path, ros_environment):
    bag = words_bag(tmp_path / "bag", ["/words"], [2**62])
    player = replay(ros_environment, bag, "--clock")
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 2
    assert "a time that /clock cannot carry: replay it without --clock." in errors


def test_sigterm_ends_it_without_a_traceback(tmp_path, ros_environment):
    bag = stereo_bag(tmp_path / "bag", "mcap")
    listener = listen(
        ros_environment, {"/stereo/left/camera_info": "sensor_msgs/msg/CameraInfo"}, 1
    )
    player = replay(ros_environment, bag, "--loop")
    assert received_by(listener)
    player.terminate()
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 143
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rate", "0"], "The rate must be positive, got 0; 1 is real time."),
        (["--clock", "-1"], "The clock's frequency must be positive, got -1 Hz."),
        (["--topics", "/nothing"], "The bag holds no topic /nothing; it holds /stereo/left/camera"),
        (["--prefix", "a b"], "is no topic name; give another --prefix."),
    ],
)
def test_wrong_arguments_are_told_in_one_line(tmp_path, ros_environment, arguments, sentence):
    player = replay(ros_environment, stereo_bag(tmp_path / "bag", "mcap", count=1), *arguments)
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 2
    assert errors.startswith("apanet: error: ")
    assert sentence in errors
    assert "Traceback" not in errors


def test_a_bag_without_messages_is_refused(tmp_path, ros_environment):
    with BagWriter(tmp_path / "bag") as bag:
        bag.add_topic("/words", "std_msgs/msg/String")
    player = replay(ros_environment, tmp_path / "bag", "--loop")
    _, errors = player.communicate(timeout=PATIENCE_S)
    assert player.returncode == 2
    assert "holds no message that can be published here" in errors


@pytest.mark.parametrize("prefix", ["/robot1", "robot1", "/robot1/", "robot1/"])
def test_a_prefix_needs_no_particular_slashes(prefix):
    assert prefixed("/stereo/left", prefix) == "/robot1/stereo/left"


def test_a_prefix_is_parted_from_a_name_without_a_slash():
    assert prefixed("camera/left", "/robot1") == "/robot1/camera/left"


@pytest.mark.parametrize("prefix", ["", "/"])
def test_no_prefix_changes_nothing(prefix):
    assert prefixed("/stereo/left", prefix) == "/stereo/left"


def test_topics_are_selected_by_name():
    topics = tuple(BagTopic(name, "std_msgs/msg/String", 1, ()) for name in ("/a", "/b"))
    assert select_topics(topics, ()) == topics
    assert select_topics(topics, ["/b"]) == topics[1:]
    with pytest.raises(ConfigError, match=r"The bag holds no topic /c; it holds /a, /b\."):
        select_topics(topics, ["/b", "/c"])
