"""`apanet view` from the command line: pages, bags for Foxglove and animations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.recordings import job as job_module
from apanet_ros.bag_view.mcap import BESIDE, DERAINED, RAINY
from apanet_ros.bags.image_messages import decode_image
from apanet_ros.bags.reader import BagReader
from apanet_ros.cli import main

FIRST = 1_700_000_000_000_000_000


def view(*words) -> int:
    return main(["view", *map(str, words)])


def complaint(capsys, *words) -> str:
    assert view(*words) == 2
    return capsys.readouterr().err


@pytest.fixture
def both(record_views):
    return record_views("both", node=True)


def test_a_page_has_sliders_and_the_nodes_times(tmp_path, both, capsys):
    pytest.importorskip("matplotlib")
    assert view(both, "-o", tmp_path / "look.html", "--count", 3) == 0

    page = (tmp_path / "look.html").read_text()
    assert page.count('type="range"') == 3
    assert "0.20 s into the recording" in page
    assert "The node while it was recorded" in page
    assert "/stereo/derained/left/image_rect" in page
    assert "3 of 5 pairs" in capsys.readouterr().out


def test_a_page_of_a_bag_without_a_node_has_no_plot(tmp_path, record_views):
    assert view(record_views("both"), "-o", tmp_path / "look.html") == 0

    page = (tmp_path / "look.html").read_text()
    assert page.count('type="range"') == 5
    assert "The node while" not in page


def test_a_folder_is_a_bag_of_jpegs_with_its_layout(tmp_path, both):
    assert view(both, "-o", tmp_path / "look") == 0

    with BagReader(tmp_path / "look") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
        assert reader.storage == "mcap"
        messages = list(reader.messages(counts))
    assert counts == dict.fromkeys(
        (RAINY, DERAINED, BESIDE, "/diagnostics", "/stereo/derain_node/latency"), 5
    )
    times = [message.time_ns for message in messages]
    assert times == sorted(times)
    for message in messages:
        if message.topic in (RAINY, DERAINED):
            image, pixels = decode_image(message)
            assert image.format == "jpeg"
            assert image.header.frame_id == "camera"
            stamp = image.header.stamp.sec * 1_000_000_000 + image.header.stamp.nanosec
            number = (stamp - FIRST) // 100_000_000
            bright = 40 + 10 * number
            expected = bright if message.topic == RAINY else 255 - bright
            assert abs(int(pixels[24, -4, 1]) - expected) <= 6
    panels = json.loads((tmp_path / "look/foxglove_layout.json").read_text())["configById"]
    assert panels["Image!rainy"]["imageMode"]["imageTopic"] == RAINY
    assert panels["Plot!latency"]["paths"][3]["value"] == "/stereo/derain_node/latency.data[3]"
    assert panels["DiagnosticSummary!node"]["topicToRender"] == "/diagnostics"


@pytest.mark.parametrize("name", ["look.webp", "look.gif"])
def test_an_animation_goes_from_rainy_to_derained(tmp_path, both, name):
    image_module = pytest.importorskip("PIL.Image")
    assert view(both, "-o", tmp_path / name, "--count", 0) == 0

    with image_module.open(tmp_path / name) as animation:
        assert animation.n_frames == 5
        animation.seek(0)
        first = np.asarray(animation.convert("RGB"))
        animation.seek(2)
        middle = np.asarray(animation.convert("RGB"))
    assert abs(int(first[40, 20, 1]) - 40) <= 12
    assert abs(int(middle[40, 20, 1]) - (255 - 60)) <= 12


def test_a_rainy_bag_is_derained_on_the_way(tmp_path, record_views, monkeypatch, capsys):
    class Inverter:
        def derain(self, left, right):
            return 255 - left, 255 - right

    monkeypatch.setattr(job_module, "derainer_of", lambda *_: Inverter())

    assert view(record_views("rainy", derained=""), "-o", tmp_path / "look") == 0

    assert "/stereo/left/image_rect, derained on the way" in capsys.readouterr().out


def test_two_bags_are_before_and_after(tmp_path, record_views, capsys):
    rainy, derained = record_views("rainy", derained=""), record_views("out", rainy="")

    assert view(rainy, derained, "-o", tmp_path / "look.html") == 0
    assert "5 of 5 pairs" in capsys.readouterr().out


def test_what_cannot_be_read_at_all_leaves_nothing(tmp_path, record_views, capsys):
    bag = record_views("both", damaged=frozenset(range(5)))
    before = sorted(tmp_path.iterdir())

    for name, sentence in (
        ("look.html", "None of the images of /stereo/left/image_rect that were looked at can be"),
        ("look", "None of the images of /stereo/left/image_rect can be read"),
        ("look.webp", "There is no pair to animate"),
    ):
        assert sentence in complaint(capsys, bag, "-o", tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["missing", "-o", "look.html"], "missing is not a rosbag2: name its folder"),
        (["a", "b", "c", "-o", "look.html"], "Give one bag, a rainy and a derained bag, or live"),
        (["a", "-o", "look.pdf"], "look.pdf names no view: end it in .html, .webp or .gif"),
        (["a", "-o", "look.html", "--seconds", "0"], "--seconds must be positive"),
    ],
)
def test_wrong_words_are_told(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)

    assert sentence in complaint(capsys, *words)


def test_an_existing_view_is_kept(tmp_path, both, capsys):
    (tmp_path / "look.html").write_text("old")

    assert "look.html exists; give another" in complaint(capsys, both, "-o", tmp_path / "look.html")
    assert Path(tmp_path / "look.html").read_text() == "old"


def test_a_bag_is_not_replaced_by_its_view(both, capsys):
    assert "both is the input" in complaint(capsys, both, "-o", both, "--force")
    with BagReader(both) as reader:
        assert reader.topics


def test_a_view_replaces_a_view(tmp_path, both):
    for _ in range(2):
        assert view(both, "-o", tmp_path / "look", "--force") == 0
