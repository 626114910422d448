"""A bag, the node and this test, in three processes: nothing is changed, lost or uncounted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")
pytest.importorskip("rosbags")
pytest.importorskip("skimage")

import torch
from diagnostic_msgs.msg import DiagnosticStatus
from skimage.data import stereo_motorcycle

from apanet_core.rain import StereoGeometry
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.bags.stereo_bag import StereoBagWriter
from apanet_ros.image_conversion import read_rgb
from apanet_ros.stamps import nanoseconds

PAIRS = 36
START = 1_700_000_000_000_000_000
PERIOD = 100_000_000
HEIGHT, WIDTH = 128, 160


@pytest.fixture(scope="module")
def frames() -> dict[int, StereoFrame]:
    """A window that pans over a real stereo photograph, by stamp."""
    left, right, _ = stereo_motorcycle()
    scene = {}
    for number in range(PAIRS):
        rows, columns = slice(100, 100 + HEIGHT), slice(80 + 4 * number, 80 + 4 * number + WIDTH)
        stamp = START + number * PERIOD
        scene[stamp] = StereoFrame(
            stamp, left[rows, columns], right[rows, columns], StereoGeometry()
        )
    return scene


@pytest.fixture(scope="module")
def bag(frames: dict[int, StereoFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bags") / "scene"
    with StereoBagWriter(path, "mcap") as writer:
        for frame in frames.values():
            writer.write(frame)
    return path


def by_stamp(messages: list[Any]) -> dict[int, Any]:
    found = {nanoseconds(message.header.stamp): message for message in messages}
    assert len(found) == len(messages), "a stamp was published twice"
    return found


def test_every_pair_of_a_bag_comes_out_derained_or_is_counted(
    frames: dict[int, StereoFrame],
    bag: Path,
    small_model: Path,
    peer: Any,
    start_node: Any,
    start_process: Any,
    make_derained: Any,
) -> None:
    derained = make_derained("/stereo/derained")
    # A camera_info travels by itself: each pair waits for its own, however late that is.
    node = start_node(
        namespace="/stereo",
        input_reliability="reliable",
        input_depth=PAIRS,
        camera_info="synchronised",
        queue_size=PAIRS,
    )
    replay = start_process(
        *("-m", "apanet_ros.cli", "replay", str(bag)),
        *("--rate", "0.4", "--wait-for-subscribers", "60"),
    )
    derained.wait_for_value("pairs", "paired", PAIRS)
    counters = derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
    peer.spin_until(
        lambda: len(derained.right_info) >= int(counters["derained"]), "the last camera_info"
    )
    assert replay.end() == 0, replay.output

    assert_everything_is_counted(derained.values("input"), counters, len(derained.left))
    left, right = by_stamp(derained.left), by_stamp(derained.right)
    assert set(left) == set(right) <= set(frames)
    assert list(left) == sorted(left), "pairs come out in their order"
    reference = StereoDerainer(small_model, "cpu")
    with one_thread():
        for stamp in left:
            expected = reference.derain(frames[stamp].left, frames[stamp].right)
            for image, view in zip((left[stamp], right[stamp]), expected, strict=True):
                # Another process may compute by other kernels, whose rounding ends up in a byte.
                difference = np.abs(read_rgb(image).astype(int) - view)
                assert difference.max() <= 1
                assert (difference > 0).mean() < 0.001
            assert not np.array_equal(expected[0], frames[stamp].left), "the network does nothing"
    assert_infos_in_step(derained, set(left))
    levels = [{status.level for status in report.status} for report in derained.diagnostics]
    assert {DiagnosticStatus.OK} in levels, "something was wrong all the time"
    assert node.stop() == 0
    assert "Traceback" not in node.output


def assert_everything_is_counted(
    inputs: dict[str, str], pairs: dict[str, str], published: int
) -> None:
    for side in ("left", "right"):
        assert inputs[f"{side}_received"] == inputs[f"{side}_paired"] == str(PAIRS)
        assert inputs[f"{side}_camera_infos"] == str(PAIRS)
    outcomes = ("derained", "passed_through", "unwanted", "replaced", "late", "rejected", "failed")
    assert sum(int(pairs[outcome]) for outcome in outcomes) == PAIRS
    assert int(pairs["derained"]) == published >= PAIRS // 2
    assert int(pairs["derained"]) + int(pairs["replaced"]) == PAIRS
    assert int(pairs["without_camera_info"]) == 0


@contextmanager
def one_thread() -> Iterator[None]:
    """Add up in the node's order, which has one thread here, so that pixels are equal."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def assert_infos_in_step(derained: Any, stamps: set[int]) -> None:
    for side, infos in (("left", derained.left_info), ("right", derained.right_info)):
        assert set(by_stamp(infos)) == stamps
        for info in infos:
            assert (info.height, info.width) == (HEIGHT, WIDTH)
            assert info.header.frame_id == "stereo_left_optical_frame"
            assert (info.p[3] < 0) == (side == "right"), "each side has its own camera_info"
    for images in (derained.left, derained.right):
        assert {image.header.frame_id for image in images} == {"stereo_left_optical_frame"}
