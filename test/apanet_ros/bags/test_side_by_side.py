"""Bags of one topic with both views, through check-bag, derain and view."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")
pytest.importorskip("skimage")

from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, Image

from apanet_core.recordings import job as job_module
from apanet_ros.bags import derain as derain_module
from apanet_ros.bags.image_messages import decode_image, deserialize_camera_info
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.side_by_side import SideBySideReader
from apanet_ros.bags.stereo_bag import CAMERA_INFO_TYPE, IMAGE_TYPE
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.bags.writer import BagWriter
from apanet_ros.cli import main
from apanet_ros.errors import BagError
from apanet_ros.image_conversion import write_compressed, write_rgb

START = 1_700_000_000_000_000_000
STEP = 100_000_000
TOPIC = "/stereo/image_raw"
LEFT, RIGHT = "/stereo/left/image_raw", "/stereo/right/image_raw"
DERAINED = ("/stereo/derained/left/image_raw", "/stereo/derained/right/image_raw")
WIDTH, HEIGHT = 354, 250


@pytest.fixture(scope="module")
def views() -> Any:
    from skimage import data

    left, right, _ = data.stereo_motorcycle()
    return left[100:350, :354].copy(), right[100:350, 31:385].copy()


@pytest.fixture
def write(tmp_path, views):
    """Write a bag of both views in one topic, with a camera_info and another topic."""

    def write(
        topic: str = TOPIC,
        count: int = 4,
        compressed: str = "",
        damaged: int = -1,
        infos: tuple[str, ...] = ("/stereo/camera_info",),
        info_width: int = 2 * WIDTH,
    ) -> Path:
        both = np.concatenate(views, axis=1)
        with BagWriter(tmp_path / "bag") as bag:
            bag.add_topic(topic, COMPRESSED_TYPE if compressed else IMAGE_TYPE)
            bag.add_topic("/words", "std_msgs/msg/String")
            for name in infos:
                bag.add_topic(name, CAMERA_INFO_TYPE)
            for number in range(count):
                stamp = START + number * STEP
                data = _image(both, stamp, compressed)
                for name in infos:
                    bag.write(name, stamp, _info(stamp, info_width))
                bag.write(topic, stamp, data[: len(data) // 2] if number == damaged else data)
                bag.write("/words", stamp, bytes(12))
        return tmp_path / "bag"

    return write


def _stamped(message: Any, stamp: int) -> Any:
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, 1_000_000_000)
    message.header.frame_id = "camera"
    return message


def _image(both: Any, stamp: int, compressed: str) -> bytes:
    like = _stamped(Image(encoding="rgb8"), stamp)
    if compressed:
        return bytes(serialize_message(write_compressed(both, "rgb8", like, compressed, 95)))
    return bytes(serialize_message(write_rgb(both, "rgb8", like)))


def _info(stamp: int, width: int) -> bytes:
    info = CameraInfo(width=width, height=HEIGHT, distortion_model="plumb_bob", d=[0.0] * 5)
    info.k = [497.5, 0.0, 177.0, 0.0, 497.5, 125.0, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [497.5, 0.0, 177.0, 0.0, 0.0, 497.5, 125.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return bytes(serialize_message(_stamped(info, stamp)))


@pytest.fixture(autouse=True)
def inverter(monkeypatch):
    """An exact, fast stand-in for the network."""

    class Inverter:
        def derain(self, left, right):
            return 255 - left, 255 - right

    for module in (job_module, derain_module):
        monkeypatch.setattr(module, "derainer_of", lambda *_: Inverter())


def read(path: Path, topic: str) -> list[Any]:
    with BagReader(path) as reader:
        return list(reader.messages([topic]))


@pytest.mark.parametrize("compressed", ["", "png"])
def test_a_bag_is_read_as_if_it_held_two_cameras(write, views, compressed) -> None:
    topic = f"{TOPIC}/compressed" if compressed else TOPIC
    names = [f"{name}/compressed" if compressed else name for name in (LEFT, RIGHT)]
    with SideBySideReader(write(topic, compressed=compressed), topic) as reader:
        assert list(reader.views or ()) == names
        found = {topic.name: topic.message_count for topic in reader.topics}
        infos = ["/stereo/left/camera_info", "/stereo/right/camera_info"]
        recorded = [topic, "/words", "/stereo/camera_info"]
        assert found == dict.fromkeys([*recorded, *names, *infos], 4)
        for name, view in zip(names, views, strict=True):
            messages = list(reader.messages([name], START + STEP, START + 3 * STEP))
            assert [message.time_ns for message in messages] == [START + STEP, START + 2 * STEP]
            image, pixels = decode_image(messages[0])
            assert image.header.frame_id == "camera"
            assert np.array_equal(pixels, view)
        left, right = (deserialize_camera_info(next(reader.messages([name]))) for name in infos)
        assert [left.width, left.k[2], right.width, right.k[2]] == [WIDTH, 177, WIDTH, 177 - WIDTH]


def test_a_camera_info_as_wide_as_a_view_is_that_of_both(write) -> None:
    with SideBySideReader(write(info_width=WIDTH), TOPIC) as reader:
        right = deserialize_camera_info(next(reader.messages(["/stereo/right/camera_info"])))
    assert [right.width, right.k[2]] == [WIDTH, 177]


def test_camera_infos_of_the_views_are_taken_where_the_bag_has_them(write) -> None:
    own = ("/stereo/left/camera_info", "/stereo/right/camera_info")
    bag = write(infos=(*own, "/stereo/camera_info"), info_width=WIDTH)
    with SideBySideReader(bag, TOPIC) as reader:
        counted = Counter(message.topic for message in reader.messages(own))
    assert counted == dict.fromkeys(own, 4)


@pytest.mark.parametrize(
    ("topic", "sentence"),
    [
        ("/nothing", "The bag has no image topic /nothing to hold both views; it has /stereo/imag"),
        ("/words", "The bag has no image topic /words to hold both views; it has /stereo/image_"),
    ],
)
def test_a_topic_without_images_is_refused_with_those_there_are(write, topic, sentence) -> None:
    with pytest.raises(BagError, match=sentence), SideBySideReader(write(), topic):
        pass


def test_views_that_are_topics_already_are_refused(write, tmp_path) -> None:
    with BagReader(write()) as source, BagWriter(tmp_path / "more") as bag:
        for topic in source.topics:
            bag.copy_topic(topic)
        bag.add_topic(LEFT, IMAGE_TYPE)
        for message in source.messages([TOPIC]):
            bag.write(LEFT, message.time_ns, message.serialized)
    sentence = f"The bag holds {LEFT} already, so {TOPIC} is not its only source: leave --side"
    with pytest.raises(BagError, match=sentence), SideBySideReader(tmp_path / "more", TOPIC):
        pass


def test_check_bag_judges_the_views_and_says_how_to_start(write, capsys) -> None:
    assert main(["check-bag", str(write()), "--side-by-side", TOPIC]) == 0

    said = capsys.readouterr().out
    assert "4 of 4 possible" in said
    assert "354 x 250 rgb8" in said
    assert "side_by_side: true" in said
    assert f"--side-by-side {TOPIC}" in said
    assert f"image:={TOPIC} camera_info:=/stereo/camera_info" in " ".join(
        said.replace("\\", "").split()
    )
    assert f"-r image_rect:={TOPIC} -r camera_info:=/stereo/camera_info" in " ".join(
        said.replace("\\", "").split()
    )


def test_check_bag_finds_the_namespace_of_one_topic(write, capsys) -> None:
    bag = write("/stereo/image_rect/compressed", compressed="png")
    words = ["check-bag", str(bag), "--side-by-side", "/stereo/image_rect/compressed"]
    assert main(words) == 0
    said = " ".join(capsys.readouterr().out.replace("\\", "").split())
    assert "derain.launch.py transport:=compressed namespace:=/stereo params_file" in said


@pytest.mark.parametrize("compressed", ["", "png", "jpeg"])
def test_derain_leaves_the_topic_and_adds_both_views(write, views, tmp_path, compressed) -> None:
    topic = f"{TOPIC}/compressed" if compressed else TOPIC
    bag, out = write(topic, compressed=compressed), tmp_path / "out"
    assert main(["derain", str(bag), "-o", str(out), "--side-by-side", topic]) == 0

    for name in (topic, "/words", "/stereo/camera_info"):
        assert read(out, name) == read(bag, name), name
    with BagReader(out) as reader:
        made = {topic.name: topic for topic in reader.topics}
    suffix = "/compressed" if compressed else ""
    added = [
        *(f"{name}{suffix}" for name in DERAINED),
        "/stereo/derained/left/camera_info",
        "/stereo/derained/right/camera_info",
    ]
    assert sorted(made) == sorted([topic, "/words", "/stereo/camera_info", *added])
    for name, view in zip(added[:2], views, strict=True):
        messages = read(out, name)
        assert [message.time_ns for message in messages] == [START + n * STEP for n in range(4)]
        image, pixels = decode_image(messages[0])
        assert image.header.stamp.sec == START // 1_000_000_000
        largest = np.abs(pixels.astype(int) - (255 - view)).max()
        assert largest == 0 if compressed != "jpeg" else largest < 90
    right = deserialize_camera_info(read(out, added[3])[0])
    assert [right.width, right.k[2]] == [WIDTH, 177 - WIDTH]


def test_an_image_that_cannot_be_read_is_counted_and_has_no_views(write, tmp_path, capsys) -> None:
    bag, out = write(damaged=1), tmp_path / "out"
    assert main(["derain", str(bag), "-o", str(out), "--side-by-side", TOPIC]) == 0

    assert "3 pairs derained" in capsys.readouterr().out
    assert read(out, TOPIC) == read(bag, TOPIC)
    times = [START + n * STEP for n in (0, 2, 3)]
    assert [message.time_ns for message in read(out, DERAINED[0])] == times


def test_view_shows_what_derain_made_and_derains_on_the_way(write, tmp_path, capsys) -> None:
    bag, out = write(), tmp_path / "out"
    assert main(["derain", str(bag), "-o", str(out), "--side-by-side", TOPIC]) == 0
    capsys.readouterr()
    for number, inputs in enumerate(([bag], [out], [bag, out])):
        page = tmp_path / f"look{number}.html"
        words = ["view", *inputs, "-o", page, "--side-by-side", TOPIC, "--side", "right"]
        assert main(list(map(str, words))) == 0
        told = "derained on the way" if number == 0 else DERAINED[1]
        assert f"4 of 4 pairs; {RIGHT}, {told}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check-bag", "bag", "--topics", "/a", "/b"], "and --topics does not go with it: leave"),
        (["derain", "bag", "-o", "out", "--topics", "/a", "/b"], "and --topics does not go with"),
        (["derain", "bag", "-o", "out", "--instead"], "and --instead does not go with it: leave"),
        (["view", "bag", "-o", "a.html", "--topics", "/a", "/b"], "and --topics does not go with"),
        (
            ["view", "/stereo", "-o", "a.html"],
            "--side-by-side is for bags: record the topic first.",
        ),
        (["derain", "left", "right", "-o", "out"], "--side-by-side is for bags, and no input is"),
    ],
)
def test_what_contradicts_it_is_refused(write, tmp_path, monkeypatch, capsys, words, sentence):
    write()
    for view in ("left", "right"):
        (tmp_path / view).mkdir()
        (tmp_path / view / "0.png").touch()
    monkeypatch.chdir(tmp_path)

    assert main([*words, "--side-by-side", TOPIC]) == 2
    assert sentence in capsys.readouterr().err
