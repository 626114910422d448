"""What a bag says of the node that derained it: its times per stage and its counters."""

from __future__ import annotations

from bisect import bisect_left
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
_LONGEST_MS = 3_600_000.0
"""Ages beyond an hour are no latency: an old recording was replayed without its time."""


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

    def take_latency(self, seconds: float, content: Any) -> None:
        """Take a Float64MultiArray of the node's times in."""
        label = content.layout.dim[0].label if content.layout.dim else ""
        stages = label.split()
        if len(stages) != len(content.data):
            return
        self.seconds.append(seconds)
        for stage, milliseconds in zip(stages, content.data, strict=True):
            self.stages_ms.setdefault(stage, []).append(float(milliseconds))

    def take_diagnostics(self, seconds: float, content: Any) -> None:
        """Take a DiagnosticArray in; what is not of a derain node is passed over."""
        for status in content.status:
            values = {value.key: value.value for value in status.values}
            if not status.name.endswith(PAIRS) or Outcome.DERAINED.value not in values:
                continue
            self.pairs = values
            self.report_seconds.append(seconds)
            for name in OUTCOMES:
                self.outcomes.setdefault(name, []).append(int(values.get(name) or 0))

    def forget(self, before: float) -> None:
        """Drop what came earlier than so many seconds."""
        gone = bisect_left(self.seconds, before)
        for kept in (self.seconds, *self.stages_ms.values()):
            del kept[:gone]
        gone = bisect_left(self.report_seconds, before)
        del self.report_seconds[:gone]
        for counts in self.outcomes.values():
            del counts[:gone]


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
            record.take_latency(seconds, content)
        else:
            record.take_diagnostics(seconds, content)
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


def _draw_stages(axes: Axes, record: NodeRecord) -> None:
    left_out = []
    for stage, milliseconds in record.stages_ms.items():
        if max(milliseconds) > _LONGEST_MS:
            left_out.append(stage)
            continue
        width = 2.0 if stage == Stage.AGE.value else 1.0
        axes.plot(record.seconds, milliseconds, label=stage, linewidth=width)
    axes.set(ylabel="time per pair (ms)", yscale="log")
    if left_out:
        names = " and ".join(left_out)
        axes.set_title(f"without {names}: the stamps are of another clock", fontsize="small")


def _draw_outcomes(axes: Axes, record: NodeRecord) -> None:
    for name, counts in record.outcomes.items():
        if any(counts):
            axes.plot(record.report_seconds, counts, ".-", label=name)
    axes.set(ylabel="pairs so far")
