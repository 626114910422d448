"""Derains a bag as a robot would: replayed over DDS, through the node process, and recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.recorder import BagRecorder
from apanet_ros.bags.replay import BagReplay, ReplayOptions
from apanet_ros.bags.stereo_bag import stereo_topics
from apanet_ros.bags.writer import BagWriter
from apanet_ros.diagnostics.listener import DiagnosticsListener, Values
from apanet_ros.large_images import room_for_images
from apanet_ros.node_process import NODE_NAME, OUTPUT_NAMESPACE, NodeProcess, node_process
from apanet_ros.ros_session import private_domain, spinning, tool_node

START_S = 180.0
SUBSCRIBE_S = 30.0
PAIR_S = 180.0
FINISH_S = 120.0


@dataclass(frozen=True)
class DerainedRun:
    """Seconds that the replay took, and the node's last diagnostics by status and value."""

    replay_s: float
    diagnostics: Mapping[str, Values]


def derain_bag(
    rainy: Path, derained: Path, model: str, device: str, rate: float | None, log: Path
) -> DerainedRun:
    """Replay `rainy` through the node and record what comes out as `derained`.

    Without a `rate` a pair is sent in real time or, where the machine is slower, when the one
    before has come out. With one, pairs are sent at that rate, once the first has come out.
    Raises `NodeProcessError` when the node does not start, nothing comes out, or it does not stop
    cleanly.
    """
    outputs = stereo_topics(OUTPUT_NAMESPACE)
    diagnostics = DiagnosticsListener(NODE_NAME)
    with (
        BagReader(rainy) as source,
        BagWriter(derained, force=True) as target,
        private_domain(),
        room_for_images(),
        tool_node("apanet_demo") as node,
    ):
        recorder = BagRecorder(node, target, outputs)
        diagnostics.listen(node)
        parameters = _parameters(model, device)
        with spinning(node), node_process(parameters, log) as process:
            process.wait_until(
                lambda: all(node.count_publishers(topic) for topic in outputs), "start", START_S
            )
            options = ReplayOptions(rate=rate or 1.0, wait_for_subscribers_s=SUBSCRIBE_S)
            gate = _gate(process, recorder, every_pair=rate is None)
            summary = BagReplay(node, source, options, print).run(gate)
            _wait_for_the_rest(process, recorder, diagnostics)
            process.stop()
    return DerainedRun(summary.seconds, diagnostics.values)


def _parameters(model: str, device: str) -> dict[str, Any]:
    """Those of a node whose inputs lose nothing, and whose ages do not count from old stamps."""
    return {
        "model": model,
        "device": device,
        "input_reliability": "reliable",
        "input_depth": 20,
        "output_depth": 20,
        "latency_reference": "receipt",
    }


def _gate(process: NodeProcess, recorder: BagRecorder, every_pair: bool) -> Callable[[int], None]:
    """Return what holds the replay until the first pair, or every pair so far, has come out.

    The first one takes longer: the node warms up when it sees a new image size.
    """

    def wait(published: int) -> None:
        pairs = published // len(recorder.counts) if every_pair else 1
        process.wait_until(lambda: min(recorder.counts.values()) >= pairs, "derained pair", PAIR_S)

    return wait


def _wait_for_the_rest(
    process: NodeProcess, recorder: BagRecorder, diagnostics: DiagnosticsListener
) -> None:
    end_s = time.monotonic()

    def everything_is_recorded() -> bool:
        if not diagnostics.settled_since(end_s):
            return False
        pairs = diagnostics.values["pairs"]
        published = int(pairs["published"])
        return all(count == published for count in recorder.counts.values())

    process.wait_until(everything_is_recorded, "end of the recording", FINISH_S)
