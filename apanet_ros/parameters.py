"""The node's parameters: one frozen, typed object, declared to ROS with description and range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

from apanet_core.errors import ConfigError
from apanet_core.name_list import name_list
from apanet_core.runtime.operating_points import OperatingPoint, parse_ladder
from apanet_core.runtime.options import ACCELERATIONS, AUTO, BACKENDS, PRECISIONS, PROVIDERS
from apanet_core.streaming.ladder import LadderOptions
from apanet_core.streaming.rain_gate import GateOptions
from apanet_core.time_units import NANOSECONDS
from apanet_ros.image_conversion import OUTPUT_ENCODINGS
from apanet_ros.inference.pair_work import WorkerOptions
from apanet_ros.parameter_rules import check, descriptor_of, expectation, parameter, rule_of
from apanet_ros.stereo.stereo_conversion import RAW, ConversionOptions
from apanet_ros.stereo.stereo_input import CAMERA_INFO_CHOICES, LATEST, NEAREST, NONE, InputOptions

_MILLISECOND = NANOSECONDS // 1000
# In a replay camera_infos may run far ahead of the images.
_CAMERA_INFOS_KEPT = {False: 30, True: 5000}

# What every rclpy node takes besides its own parameters.
_OF_EVERY_NODE = ("use_sim_time", "start_type_description_service", "qos_overrides.")


@dataclass(frozen=True)
class NodeOptions:
    """Every parameter of the node, checked."""

    autostart: bool = parameter(
        True,
        "Whether the node configures and activates itself at its start; if not, lifecycle "
        "transitions do.",
    )
    model: str = parameter(
        "tiny", "Name of shipped weights, or path of a .safetensors, .pth or .onnx file."
    )
    ladder: tuple[str, ...] = parameter(
        ("1.0", "0.75", "0.5"),
        "Operating points, best first, each a scale, then a model and a precision where they "
        "differ from the parameters of that name: the network sees the image at that scale. With "
        "a latency budget each pair takes the best that fits.",
    )
    ladder_best: int = parameter(
        0,
        "First operating point of the ladder that may be taken, from 0.",
        between=(0, 100),
        run_time=True,
    )
    ladder_worst: int = parameter(
        100,
        "Last operating point of the ladder that may be taken; the last one at most.",
        between=(0, 100),
        run_time=True,
    )
    ladder_margin: float = parameter(
        0.1,
        "Share of its predicted time by which a better operating point must fit the budget before "
        "it is taken.",
        between=(0.0, 10.0),
        run_time=True,
    )
    ladder_hold: float = parameter(
        1.0,
        "For how long a better operating point must have fitted before it is taken; twice as long "
        "after each time that it was soon given up again.",
        unit="s",
        between=(0.0, 60.0),
        run_time=True,
    )
    veil_removal: float = parameter(
        1.0,
        "How much of the veil, the haze that rain lays over a scene, is removed. At 0 streaks and "
        "drops go and the brightness of the picture stays the input's, as photometric SLAM wants.",
        between=(0.0, 1.0),
        run_time=True,
    )
    device: str = parameter(
        "auto", "Where the network runs: auto (a GPU if there is one), cpu, cuda or cuda:N."
    )
    backend: str = parameter(
        "auto",
        "What runs the network; auto is onnx for .onnx files and torch for weights.",
        choices=(AUTO, *BACKENDS),
    )
    precision: str = parameter(
        "auto",
        "Precision of the network's arithmetic; auto is bfloat16 on a GPU that computes with it, "
        "and that of an .onnx file.",
        choices=(AUTO, *PRECISIONS),
    )
    provider: str = parameter(
        "auto",
        "Which of ONNX Runtime's providers computes; auto is the first of cuda, tensorrt and cpu "
        "that is there.",
        choices=(AUTO, *PROVIDERS),
    )
    acceleration: str = parameter(
        "auto",
        "How torch computes: as it comes (none), by replaying a CUDA graph (graph), or by "
        "torch.compile (compile); auto is graph on a GPU and none on a CPU; what fails is left "
        "out, with the reason in the log.",
        choices=(AUTO, *ACCELERATIONS),
    )
    threads: int = parameter(
        0,
        "Threads of the CPU that the network may take, at most one per core; 0 leaves that to its "
        "library.",
        unit="threads",
        between=(0, 1024),
    )
    image_width: int = parameter(
        0,
        "Width of the images, so that the ladder is measured at it before the first one comes; "
        "0 leaves that to the first pair.",
        unit="pixels",
        between=(0, 20_000),
    )
    image_height: int = parameter(
        0,
        "Height of the images, to go with image_width.",
        unit="pixels",
        between=(0, 20_000),
    )
    enabled: bool = parameter(
        True,
        "Whether pairs are derained; if not, they go out as they came, on the same topics.",
        run_time=True,
    )
    input_transport: str = parameter(
        RAW,
        "How the images come: as sensor_msgs/Image (raw), or as JPEG or PNG in "
        "sensor_msgs/CompressedImage on topics that end in /compressed (compressed).",
        choices=(RAW, "compressed"),
    )
    side_by_side: bool = parameter(
        False,
        "Whether one topic, image_rect, holds both views, left in the left half; camera_info is "
        "that of the whole image, left/camera_info and right/camera_info, where they come, of a "
        "view each.",
    )
    camera_info: str = parameter(
        LATEST,
        "Which camera_info goes with an image: that of its stamp, else the latest (latest); only "
        "that of its stamp, for which the pair waits (synchronised); or none at all (none).",
        choices=CAMERA_INFO_CHOICES,
    )
    rectify: bool = parameter(
        False,
        "Whether the images are raw and are rectified here, by their camera_info.",
    )
    synchroniser: str = parameter(
        NEAREST,
        "What pairs images: this node (nearest), or message_filters where it is installed, by its "
        "TimeSynchronizer (exact) or ApproximateTimeSynchronizer (approximate).",
        choices=(NEAREST, "exact", "approximate"),
    )
    left_time_offset_ms: float = parameter(
        0.0,
        "Added to the left camera's stamps before they are compared with the right one's and with "
        "the clock; outputs keep their stamps.",
        unit="ms",
        between=(-10_000.0, 10_000.0),
        run_time=True,
    )
    right_time_offset_ms: float = parameter(
        0.0,
        "The same for the right camera.",
        unit="ms",
        between=(-10_000.0, 10_000.0),
        run_time=True,
    )
    slop: float = parameter(
        0.01,
        "Largest difference of a left and a right stamp that pair; 0 pairs equal stamps only.",
        unit="s",
        between=(0.0, 1.0),
        run_time=True,
    )
    queue_size: int = parameter(
        10,
        "Frames of each camera that may wait for their partner.",
        unit="frames",
        between=(1, 100),
        run_time=True,
    )
    latency_budget_ms: float = parameter(
        0.0,
        "Largest age of a pair at publication; 0 is no limit.",
        unit="ms",
        between=(0.0, 60_000.0),
        run_time=True,
    )
    over_budget: str = parameter(
        "passthrough",
        "What becomes of a pair that cannot be derained within the budget: it goes out as it came "
        "(passthrough) or not at all (drop).",
        choices=("passthrough", "drop"),
    )
    latency_reference: str = parameter(
        "stamp",
        "What a pair's age counts from: its header stamp, or its receipt where the cameras' clocks "
        "are not this machine's.",
        choices=("stamp", "receipt"),
    )
    replay: bool = parameter(
        False,
        "Offline replay: no pair is dropped, however long deraining takes. Images wait with the "
        "middleware, reliably, until there is room and somebody has subscribed to an output for "
        "a second; the latency budget is ignored.",
    )
    dry_gate: bool = parameter(
        False,
        "Whether pairs pass as they are while it is dry: while deraining would take less than "
        "dry_gate_level from the middle of the image.",
        run_time=True,
    )
    dry_gate_level: float = parameter(
        0.75,
        "Mean brightness that deraining takes away below which it counts as dry; it rains again "
        "above twice as much.",
        unit="levels of 255",
        between=(0.0, 255.0),
        run_time=True,
    )
    dry_gate_hold: float = parameter(
        3.0,
        "For how long it must have been so before the gate closes or opens.",
        unit="s",
        between=(0.0, 600.0),
        run_time=True,
    )
    input_bits: int = parameter(
        0,
        "Bits in use in input images of 16 bits, as 12 of a camera of 12 bits; 0 finds them by the "
        "brightest value so far: the least of 8, 10, 12, 14 and 16 that hold it.",
        unit="bits",
        between=(0, 16),
    )
    output_namespace: str = parameter(
        "derained", "Namespace of the four output topics, relative to the node's, or absolute."
    )
    output_encoding: str = parameter(
        "same",
        "Encoding of the output images; same is each input's own.",
        choices=("same", *OUTPUT_ENCODINGS),
    )
    output_transport: str = parameter(
        RAW,
        "How the images go out: as sensor_msgs/Image (raw), or as sensor_msgs/CompressedImage on "
        "topics that end in /compressed (jpeg, png).",
        choices=(RAW, "jpeg", "png"),
    )
    jpeg_quality: int = parameter(95, "Quality of JPEG outputs; 100 is the best.", between=(1, 100))
    output_scale: float = parameter(
        1.0,
        "Side of an output image over that of its input; its camera_info is scaled with it.",
        between=(0.05, 1.0),
    )
    output_stamp: str = parameter(
        "left",
        "Stamp of the four outputs: all the left image's (left), or each its own input's (own).",
        choices=("left", "own"),
    )
    input_reliability: str = parameter(
        "best_effort",
        "Reliability QoS of the subscriptions; best_effort accepts every publisher.",
        choices=("best_effort", "reliable"),
    )
    input_depth: int = parameter(
        5, "What the middleware keeps for each subscription.", unit="messages", between=(1, 1000)
    )
    output_reliability: str = parameter(
        "reliable",
        "Reliability QoS of the publishers; reliable serves every subscriber.",
        choices=("best_effort", "reliable"),
    )
    output_depth: int = parameter(
        5, "What the middleware keeps for each publisher.", unit="messages", between=(1, 1000)
    )

    output_deadline_ms: float = parameter(
        0.0,
        "Longest time between two images of an output that the publishers promise by their "
        "deadline QoS; 0 promises nothing. Missed ones are counted.",
        unit="ms",
        between=(0.0, 60_000.0),
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            check(each, getattr(self, each.name))
        if bool(self.image_width) != bool(self.image_height):
            raise ConfigError("image_width and image_height go together: give both, or neither.")
        if self.rectify and self.camera_info == NONE:
            raise ConfigError("rectify needs camera_info: set camera_info to latest.")
        if self.side_by_side and self.left_time_offset_ms != self.right_time_offset_ms:
            raise ConfigError(
                "Views side by side have one stamp: leave left_time_offset_ms and "
                "right_time_offset_ms alike, or set side_by_side to false."
            )
        # Only to see whether it can be read.
        _ = self.operating_points

    @property
    def input_options(self) -> InputOptions:
        """How pairs are made."""
        return InputOptions(
            slop=round(self.slop * NANOSECONDS),
            queue_size=self.queue_size,
            left_offset=round(self.left_time_offset_ms * _MILLISECOND),
            right_offset=round(self.right_time_offset_ms * _MILLISECOND),
            synchroniser=self.synchroniser,
            camera_info=self.camera_info,
            camera_infos_kept=_CAMERA_INFOS_KEPT[self.replay],
        )

    @property
    def conversion_options(self) -> ConversionOptions:
        """How pictures go out, and whether they are rectified on the way in."""
        return ConversionOptions(
            encoding=self.output_encoding,
            transport=self.output_transport,
            jpeg_quality=self.jpeg_quality,
            scale=self.output_scale,
            rectify=self.rectify,
            bits=self.input_bits,
        )

    @property
    def latency_budget(self) -> float:
        """Seconds; 0 is no limit."""
        return self.latency_budget_ms / 1000

    @property
    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """The ladder, best first."""
        return parse_ladder(self.ladder, self.model, self.precision)

    @property
    def image_size(self) -> tuple[int, int] | None:
        """Height and width of the images; `None` where the first pair tells."""
        return (self.image_height, self.image_width) if self.image_width else None

    @property
    def ladder_options(self) -> LadderOptions:
        """Budget, limits and hysteresis of the ladder."""
        return LadderOptions(
            budget=0.0 if self.replay else self.latency_budget,
            best=self.ladder_best,
            worst=self.ladder_worst,
            margin=self.ladder_margin,
            hold=self.ladder_hold,
        )

    @property
    def gate_options(self) -> GateOptions:
        """Limits of the dry-weather gate."""
        return GateOptions(self.dry_gate, self.dry_gate_level, self.dry_gate_hold)

    @property
    def worker_options(self) -> WorkerOptions:
        """What becomes of pairs."""
        return WorkerOptions(self.over_budget == "drop", self.enabled, self.replay)

    def changed(self, parameters: Iterable[Parameter[Any]], configured: bool) -> NodeOptions:
        """Return these options with some of the node's parameters changed.

        Raises:
            ConfigError: a value is out of range, or the parameter cannot change once configured.
        """
        own = {each.name: each for each in fields(self)}
        changes = {each.name: _value(each) for each in parameters if each.name in own}
        for name in changes:
            if configured and not rule_of(own[name]).run_time:
                raise ConfigError(
                    f"{name} cannot change while the node is configured: clean it up first, or "
                    "restart it with -p."
                )
        return replace(self, **changes)


def declare_parameters(node: Node) -> NodeOptions:
    """Declare every parameter to ROS and return the values it was started with.

    Raises:
        ConfigError: a value has the wrong type, is out of range or none of the choices.
    """
    values = {}
    for each in fields(NodeOptions):
        try:
            default = list(each.default) if isinstance(each.default, tuple) else each.default
            declared = node.declare_parameter(each.name, default, descriptor_of(each))
        except (ParameterException, TypeError) as error:
            raise ConfigError(f"{str(error).rstrip('.')}. {expectation(each)}") from error
        values[each.name] = _value(declared)
    return NodeOptions(**values)


def unknown_parameters(node: Node) -> list[str]:
    """Sentences about parameters the node was started with and does not have.

    A file may hold parameters for other nodes too, so this is a warning, not an error.
    """
    own = list(asdict(NodeOptions()))
    # rclpy has no public way to list what was given but never declared.
    given = getattr(node, "_parameter_overrides", {})
    return [
        f"There is no parameter {name}{_suggestion(name, own)}; it has no effect."
        for name in given
        if name not in own and not name.startswith(_OF_EVERY_NODE)
    ]


def _value(parameter: Parameter[Any]) -> Any:
    value = parameter.value
    return tuple(value) if isinstance(value, list) else value


def _suggestion(name: str, own: list[str]) -> str:
    close = get_close_matches(name, own, n=1)
    return f" (did you mean {close[0]}?)" if close else f" (there are {name_list(own)})"
