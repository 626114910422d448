"""Live topics of a real camera and the real node, recorded over DDS and viewed."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")
pytest.importorskip("torch")

from apanet_ros.bag_view.live import record_live, topic_names
from apanet_ros.bags.reader import BagReader
from apanet_ros.errors import BagError

NAMES = "/left/image_rect", "/right/image_rect"


@pytest.fixture
def domain(ros_environment, monkeypatch):
    """Put this process on the test's own domain."""
    for name, value in ros_environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def drive(peer, cameras):
    """Publish pairs ten times a second in a thread."""
    ended = threading.Event()

    def publish() -> None:
        stamp = 1_000_000_000
        while not ended.wait(0.1):
            stamp += 100_000_000
            for side in ("left", "right"):
                cameras.send(side, np.full((32, 48, 3), 90, np.uint8), stamp)

    thread = threading.Thread(target=publish)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_cameras_outputs_and_diagnostics_are_recorded(domain, tmp_path, start_node, drive) -> None:
    start_node()

    found = record_live(NAMES, None, 4.0, tmp_path / "live")

    assert found.rainy == NAMES
    assert found.derained == ("/derained/left/image_rect", "/derained/right/image_rect")
    with BagReader(tmp_path / "live") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
    assert {*NAMES, *found.derained, "/diagnostics", "/derain_node/latency"} == set(counts)
    assert all(counts[name] for name in counts), counts


def test_nobody_who_publishes_is_told(domain, tmp_path, monkeypatch) -> None:
    from apanet_ros.bag_view import live

    monkeypatch.setattr(live, "DISCOVERY_S", 0.5)

    with pytest.raises(BagError, match="Nobody publishes images on /left/image_rect, nor is"):
        record_live(NAMES, None, 1.0, tmp_path / "live")
    assert not (tmp_path / "live").exists()


def test_cameras_that_are_silent_are_told(domain, tmp_path, cameras, monkeypatch) -> None:
    from apanet_ros.bag_view import live

    monkeypatch.setattr(live, "DERAINED_S", 0.5)

    with pytest.raises(BagError, match=r"No image came on /left/image_rect within 0\.5 s"):
        record_live(NAMES, None, 0.5, tmp_path / "live")
    assert not (tmp_path / "live").exists()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["/a/x", "/a/y"], ("/a/x", "/a/y")),
        (["/stereo"], ("/stereo/left/image_rect", "/stereo/right/image_rect")),
        (["/stereo/"], ("/stereo/left/image_rect", "/stereo/right/image_rect")),
    ],
)
def test_words_are_names_or_a_namespace(words, names) -> None:
    assert topic_names(words) == names
