"""What a bag says of the node that derained it: its times per stage and its counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apanet_core.streaming.statistics import Outcome, Stage
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DIAGNOSTICS_TYPE = "diagnostic_msgs/msg/DiagnosticArray"
LATENCY_TYPE = "std_msgs/msg/Float64MultiArray"
LATENCY_NAME = "/latency"
PAIRS = ": pairs"
OUTCOMES = tuple(outcome.value for outcome in Outcome)
_NANOSECONDS = 1e9


@dataclass
class NodeRecord:
    """What the node published about itself while it was recorded.

    Attributes:
        seconds: of each latency message, from the bag's start.
        stages_ms: per stage, milliseconds of each pair; NaN where it was skipped.
        report_seconds: of each report on the pairs.
        outcomes: per outcome, how many pairs by then.
        pairs: the values of the last report on the pairs.
    """

    seconds: list[float] = field(default_factory=list)
    stages_ms: dict[str, list[float]] = field(default_factory=dict)
    report_seconds: list[float] = field(default_factory=list)
    outcomes: dict[str, list[int]] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether the node published nothing."""
        return not self.seconds and not self.report_seconds


def node_topics(reader: BagReader) -> list[BagTopic]:
    """Return the topics on which a node tells about itself."""
    return [
        topic
        for topic in reader.topics
        if topic.message_type == DIAGNOSTICS_TYPE
        or (topic.message_type == LATENCY_TYPE and topic.name.endswith(LATENCY_NAME))
    ]


def read_node_record(reader: BagReader) -> NodeRecord:
    """Read everything a node told about itself; damaged messages are passed over."""
    record = NodeRecord()
    for message, content in _contents(reader):
        seconds = (message.time_ns - reader.start_ns) / _NANOSECONDS
        if message.message_type == LATENCY_TYPE:
            _take_latency(record, seconds, content)
        else:
            _take_diagnostics(record, seconds, content)
    return record


def latency_figure(record: NodeRecord) -> Figure:
    """Draw the time of each stage, and what became of the pairs, over the recording."""
    from matplotlib.figure import Figure

    parts = [
        draw
        for draw, there in ((_draw_stages, record.seconds), (_draw_outcomes, record.report_seconds))
        if there
    ]
    figure = Figure(figsize=(8, 3.2 * len(parts)), layout="constrained")
    for number, draw in enumerate(parts, 1):
        axes = figure.add_subplot(len(parts), 1, number)
        draw(axes, record)
        axes.set_xlabel("time in the recording (s)")
        axes.grid(visible=True, alpha=0.3)
        axes.legend(loc="upper left", ncols=3, fontsize="small")
    return figure


def _contents(reader: BagReader) -> Iterator[tuple[BagMessage, Any]]:
    topics = [topic.name for topic in node_topics(reader)]
    for message in reader.messages(topics):
        try:
            yield message, reader.deserialize(message)
        except Exception:
            # Damaged bytes make the library raise nearly anything; pictures matter more here.
            continue


def _take_latency(record: NodeRecord, seconds: float, content: Any) -> None:
    label = content.layout.dim[0].label if content.layout.dim else ""
    stages = label.split() or [stage.value for stage in Stage]
    if len(stages) != len(content.data):
        return
    record.seconds.append(seconds)
    for stage, milliseconds in zip(stages, content.data, strict=True):
        record.stages_ms.setdefault(stage, []).append(float(milliseconds))


def _take_diagnostics(record: NodeRecord, seconds: float, content: Any) -> None:
    for status in content.status:
        values = {value.key: value.value for value in status.values}
        if not status.name.endswith(PAIRS) or Outcome.DERAINED.value not in values:
            continue
        record.pairs = values
        record.report_seconds.append(seconds)
        for name in OUTCOMES:
            record.outcomes.setdefault(name, []).append(int(values.get(name) or 0))


def _draw_stages(axes: Axes, record: NodeRecord) -> None:
    for stage, milliseconds in record.stages_ms.items():
        width = 2.0 if stage == Stage.AGE.value else 1.0
        axes.plot(record.seconds, milliseconds, label=stage, linewidth=width)
    axes.set(ylabel="time per pair (ms)", yscale="log")


def _draw_outcomes(axes: Axes, record: NodeRecord) -> None:
    for name, counts in record.outcomes.items():
        if any(counts):
            axes.plot(record.report_seconds, counts, ".-", label=name)
    axes.set(ylabel="pairs so far")
