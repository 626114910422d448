"""The node's state at one moment, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome, StreamSnapshot
from apanet_ros.stereo.stereo_input import LATEST, InputSnapshot
from apanet_ros.topics import CameraTopics


@dataclass(frozen=True)
class Identity:
    """What does not change while the node is configured.

    Attributes:
        node: full name.
        model: description of the networks.
        model_sha256: of their weights files.
        device: where they run.
        points: the operating points, best first.
        topics: the input topics.
        camera_info: which camera_info goes with an image.
    """

    node: str
    model: str
    model_sha256: str
    device: str
    points: Sequence[str]
    topics: Mapping[Side, CameraTopics]
    camera_info: str = LATEST


@dataclass(frozen=True)
class Reading:
    """The node's state at one moment.

    Attributes:
        time: seconds of a monotonic clock.
        input: what has come in.
        pairs: what became of the pairs, and the times they took.
        slop: seconds.
        budget: seconds; 0 is no limit.
        step: operating point of the last pair; `None` where it was left as it was.
        predicted: seconds that the last pair was expected to take at each operating point.
        enabled: whether pairs are derained at all.
        raining: whether it rains; `None` without the dry-weather gate.
        rain_level: the gate's estimate, in levels of 255; `None` before the first.
        missed_deadlines: how often an output broke the deadline it promised.
        process_memory, device_memory: bytes in use, of the host and of a GPU.
        problem: the last sentence about a pair that was rejected or failed.
        qos_problems: about publishers and subscribers that cannot be connected now.
        row_offset: pixels by which rows of the pictures differed lately, if that is known.
        rectification: about signs that the pictures are not rectified.
        latches: about camera_infos that were sent before and do not come.
        frames: about camera_infos that name two frames.
    """

    time: float
    input: InputSnapshot
    pairs: StreamSnapshot
    slop: float = 0.0
    budget: float = 0.0
    step: int | None = None
    predicted: Sequence[float | None] = ()
    enabled: bool = True
    raining: bool | None = None
    rain_level: float | None = None
    missed_deadlines: int = 0
    process_memory: int = 0
    device_memory: int = 0
    problem: str = ""
    qos_problems: Sequence[str] = ()
    row_offset: float | None = None
    rectification: Sequence[str] = ()
    latches: Sequence[str] = ()
    frames: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """Two readings and what lies between them."""

    before: Reading
    now: Reading

    @property
    def seconds(self) -> float:
        return self.now.time - self.before.time

    def received(self, side: Side) -> int:
        return self.now.input.frames[side].received - self.before.input.frames[side].received

    @property
    def paired(self) -> int:
        return self.now.pairs.entered - self.before.pairs.entered

    def left(self, *outcomes: Outcome) -> int:
        """How many pairs left in one of these ways."""
        return sum(self.now.pairs.outcomes[o] - self.before.pairs.outcomes[o] for o in outcomes)

    def noted(self, event: str) -> int:
        """How often something happened besides."""
        return self.now.pairs.notes.get(event, 0) - self.before.pairs.notes.get(event, 0)

    @property
    def lacking_camera_info(self) -> int:
        """How many pairs left for want of their camera_infos."""
        return self.now.input.lacking_camera_info - self.before.input.lacking_camera_info

    def rate(self, number: int) -> str:
        return f"{number / self.seconds:.2f}" if self.seconds > 0 else "0.00"
