"""Bags damaged at random: every command that reads one ends with a sentence, never a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")
pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apanet_core.rain import StereoGeometry
from apanet_core.recordings import job as job_module
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags import derain as derain_module
from apanet_ros.bags.stereo_bag import StereoBagWriter
from apanet_ros.cli import main

START = 1_700_000_000_000_000_000
COMMANDS = ("check-bag", "derain", "view", "replay")

fuzzed = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Inverter:
    """A stand-in for the network."""

    def derain(self, left, right):
        return 255 - left, 255 - right


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "OFF")
    for module in (derain_module, job_module):
        monkeypatch.setattr(module, "derainer_of", lambda *_: Inverter())


@pytest.fixture(scope="module", params=["mcap", "sqlite3"])
def whole(request, tmp_path_factory) -> Path:
    """A bag of three small pairs."""
    path = tmp_path_factory.mktemp(request.param) / "bag"
    picture = np.random.default_rng(0).integers(0, 256, (16, 24, 3), np.uint8)
    with StereoBagWriter(path, request.param) as bag:
        for number in range(3):
            bag.write(StereoFrame(START + number * 10**8, picture, picture, StereoGeometry()))
    return path


def run_all(bag: Path, folder: Path) -> None:
    """Run the commands; each ends by itself with one of its exit codes."""
    for command in COMMANDS:
        output = [] if command == "check-bag" else ["-o", str(folder / f"{command}.html")]
        if command == "derain":
            output = ["-o", str(folder / "derained")]
        if command == "replay":
            output = ["--rate", "1000", "--skip-gaps"]
        assert main([command, str(bag), *output]) in (0, 1, 2), command


def damaged(file: Path, changes: list[tuple[float, int]], kept: float) -> None:
    content = bytearray(file.read_bytes())
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    file.write_bytes(content[: max(1, int(kept * len(content)))])


changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12)


@fuzzed
@given(changes=changes, kept=st.sampled_from([1.0, 1.0, 1.0, 0.9, 0.5, 0.01]))
def test_any_bytes_of_a_storage_file_end_in_a_sentence(whole, tmp_path_factory, changes, kept):
    folder = tmp_path_factory.mktemp("any")
    bag = shutil.copytree(whole, folder / "bag")
    (file,) = (each for each in bag.iterdir() if each.suffix != ".yaml")
    damaged(file, changes, kept)
    run_all(bag, folder)


values = st.none() | st.integers(-(2**40), 2**40) | st.text(max_size=5) | st.lists(st.none())
places = st.sampled_from(
    [
        "version",
        "storage_identifier",
        "relative_file_paths",
        "message_count",
        "duration",
        "starting_time",
        "topics_with_message_count",
        "compression_mode",
    ]
)
inner_places = st.sampled_from(
    ["name", "type", "serialization_format", "offered_qos_profiles", "type_description_hash"]
)


@fuzzed
@given(place=places, inner=inner_places, value=values, deep=st.booleans())
def test_any_metadata_is_a_hint_or_a_sentence(whole, tmp_path_factory, place, inner, value, deep):
    import yaml

    folder = tmp_path_factory.mktemp("any")
    bag = shutil.copytree(whole, folder / "bag")
    content = yaml.safe_load((bag / "metadata.yaml").read_text())
    about = content["rosbag2_bagfile_information"]
    if deep:
        about["topics_with_message_count"][0]["topic_metadata"][inner] = value
    else:
        about[place] = value
    (bag / "metadata.yaml").write_text(yaml.safe_dump(content))
    run_all(bag, folder)


@fuzzed
@given(changes=changes, kept=st.sampled_from([1.0, 0.9, 0.3, 0.05]), side=st.sampled_from([0, 1]))
def test_any_bytes_of_a_message_are_passed_over(whole, tmp_path_factory, changes, kept, side):
    from apanet_ros.bags.reader import BagReader
    from apanet_ros.bags.writer import BagWriter

    folder = tmp_path_factory.mktemp("any")
    with BagReader(whole) as source, BagWriter(folder / "bag", "mcap") as bag:
        for topic in source.topics:
            bag.copy_topic(topic)
        for number, message in enumerate(source.messages({each.name for each in source.topics})):
            content = bytearray(message.serialized)
            if number % 2 == side:
                for place, value in changes:
                    content[int(place * (len(content) - 1))] = value
                content = content[: max(1, int(kept * len(content)))]
            bag.write(message.topic, message.time_ns, bytes(content))
    run_all(folder / "bag", folder)
