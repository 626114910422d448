"""Whatever cameras send: each message is counted, each pair derained or rejected, nothing raises.

From the subscription's callback to the publisher, in one thread, with a network of arithmetic.
"""

from __future__ import annotations

import array
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from apanet_core.imaging.types import ByteImage
from apanet_core.streaming.ladder import Ladder, LadderOptions
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.rain_gate import GateOptions, RainGate
from apanet_core.streaming.row_check import RowCheck
from apanet_core.streaming.statistics import Outcome, StreamStatistics
from apanet_ros.image_conversion.encodings import ENCODINGS
from apanet_ros.inference.inference_worker import InferenceWorker
from apanet_ros.inference.pair_work import WorkerOptions
from apanet_ros.stereo.stereo_conversion import ConversionOptions, StereoConversion
from apanet_ros.stereo.stereo_input import CAMERA_INFO_CHOICES, InputOptions, StereoInput
from apanet_ros.stereo.stereo_output import StereoOutput

UINT32 = st.integers(0, 2**32 - 1)
SIDES = st.one_of(st.integers(0, 40), UINT32)
STAMPS = st.one_of(st.sampled_from([(0, 0), (1, 0), (-1, 5), (2**31 - 1, 2**32 - 1)]))
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
FILES = st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda rest: b"\xff\xd8\xff\xe0" + rest),
    st.binary(max_size=60).map(lambda rest: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + rest),
)


@st.composite
def headers(draw: Any, message: Any) -> Any:
    """The message, with any header."""
    message.header.stamp.sec, message.header.stamp.nanosec = draw(STAMPS)
    message.header.frame_id = draw(st.text(max_size=5))
    return message


FLAWS = ("encoding", "height", "width", "step", "data", "is_bigendian")


@st.composite
def images(draw: Any) -> Image:
    """An image of which nothing is wrong, or up to three things."""
    flaws = draw(st.sets(st.sampled_from(FLAWS), max_size=3))
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    height, width = 2 * draw(st.integers(1, 20)), 2 * draw(st.integers(1, 20))
    known = ENCODINGS[encoding]
    step = known.row_bytes(width) + draw(st.sampled_from([0, 0, 4]))
    fields = {
        "encoding": encoding,
        "height": height,
        "width": width,
        "step": step,
        "data": array.array("B", bytes(step * known.rows(height))),
        "is_bigendian": 0,
    }
    wrong = {
        "encoding": st.one_of(st.sampled_from(sorted(ENCODINGS)), st.text(max_size=6)),
        "height": SIDES,
        "width": SIDES,
        "step": SIDES,
        "data": st.binary(max_size=200).map(lambda data: array.array("B", data)),
        "is_bigendian": st.integers(0, 255),
    }
    image = Image(**fields | {flaw: draw(wrong[flaw]) for flaw in sorted(flaws)})
    return draw(headers(image))


@st.composite
def compressed_images(draw: Any) -> CompressedImage:
    """A file that is none, or not whole."""
    file_format = draw(
        st.one_of(st.sampled_from(["jpeg", "png", "rgb8; jpeg compressed"]), st.text())
    )
    return draw(headers(CompressedImage(format=file_format, data=draw(FILES))))


@st.composite
def camera_infos(draw: Any) -> CameraInfo:
    """Calibrations, most of them impossible."""
    model = draw(
        st.sampled_from(["plumb_bob", "rational_polynomial", "equidistant", "", "fun-house"])
    )
    info = CameraInfo(height=draw(SIDES), width=draw(SIDES), distortion_model=model)
    info.d = draw(st.lists(NUMBERS, max_size=14))
    for name, length in (("k", 9), ("r", 9), ("p", 12)):
        setattr(info, name, draw(st.lists(NUMBERS, min_size=length, max_size=length)))
    info.binning_x, info.binning_y = draw(UINT32), draw(UINT32)
    for name in ("x_offset", "y_offset", "height", "width"):
        setattr(info.roi, name, draw(SIDES))
    return draw(headers(info))


class Node:
    """All that a pair passes, without threads; publishers check what they are given."""

    def __init__(self, rectify: bool, scale: float, transport: str, camera_info: str) -> None:
        clock = iter(range(10**9)).__next__
        self.statistics = StreamStatistics()
        self.problems: list[str] = []
        self.published = 0
        self.input = StereoInput(
            InputOptions(slop=10, queue_size=3, camera_info=camera_info), self._take, clock, print
        )
        conversion = StereoConversion(
            ConversionOptions(transport=transport, scale=scale, rectify=rectify),
            self.input.camera_info,
        )
        publishers: Mapping[Side, Any] = dict.fromkeys(Side, self)
        self._worker = InferenceWorker(
            self,
            Ladder(1, LadderOptions(), clock),
            RainGate(GateOptions(), clock),
            self.statistics,
            WorkerOptions(),
            conversion,
            StereoOutput(publishers, publishers, conversion.camera_info, one_stamp=True),
            age=lambda _: 0.0,
            log=self,
            report=lambda _: None,
            tell_rain=lambda _: None,
            done=lambda: None,
            look=RowCheck(clock).look_if_due,
            clock=clock,
        )

    def _take(self, pair: Any) -> None:
        self.statistics.enter()
        self._worker.process(pair)

    def derain(self, _step: int, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        return 255 - left, 255 - right

    def warm_up(self, _step: int, _height: int, _width: int) -> float:
        return 1.0

    def publish(self, message: Any) -> None:
        assert isinstance(message, (Image, CompressedImage, CameraInfo))
        self.published += 1

    def get_subscription_count(self) -> int:
        return 1

    def announce(self, sentence: str) -> None:
        assert sentence

    def warn(self, sentence: str) -> None:
        self.problems.append(sentence)


ARRIVALS = st.lists(
    st.tuples(st.sampled_from(Side), st.one_of(images(), compressed_images(), camera_infos())),
    max_size=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    arrivals=ARRIVALS,
    rectify=st.booleans(),
    scale=st.sampled_from([1.0, 0.5, 0.05]),
    transport=st.sampled_from(["raw", "jpeg", "png"]),
    camera_info=st.sampled_from(CAMERA_INFO_CHOICES),
)
def test_any_messages_are_counted_and_raise_nothing(
    arrivals: list[tuple[Side, Any]], rectify: bool, scale: float, transport: str, camera_info: str
) -> None:
    node = Node(rectify, scale, transport, camera_info)
    for side, message in arrivals:
        if isinstance(message, CameraInfo):
            node.input.take_camera_info(side, message)
        else:
            node.input.take_image(side, message)
    pairs = node.statistics.snapshot()
    assert pairs.in_flight == 0
    assert pairs.entered == sum(pairs.outcomes.values())
    assert pairs.outcomes[Outcome.FAILED] == 0, node.problems
    assert pairs.outcomes[Outcome.REJECTED] == len(node.problems)
    for counts in node.input.snapshot().frames.values():
        left = counts.paired + counts.unpaired + counts.stamp_jump + counts.waiting
        assert counts.received == left


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(left=images(), right=images(), info=camera_infos(), rectify=st.booleans())
def test_any_pair_of_one_stamp_is_derained_or_rejected_with_a_sentence(
    left: Image, right: Image, info: CameraInfo, rectify: bool
) -> None:
    node = Node(rectify, 1.0, "raw", "latest")
    right.header.stamp = left.header.stamp
    for side, image in zip(Side, (left, right), strict=True):
        node.input.take_camera_info(side, info)
        node.input.take_image(side, image)
    outcomes = node.statistics.snapshot().outcomes
    assert outcomes[Outcome.DERAINED] + outcomes[Outcome.REJECTED] == 1, node.problems
    assert all(problem.startswith("Pair rejected: ") for problem in node.problems)
    assert node.published == 4 * outcomes[Outcome.DERAINED]
