"""What the demo measured, as JSON and as a table to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from apanet_core.output_files import written_aside
from apanet_ros.demo.matching import Matching
from apanet_ros.demo.quality import Quality

# Stages as the node names them in its diagnostics, in a pair's order.
STAGES = {
    "wait": "waiting for the worker",
    "read": "messages to RGB",
    "infer": "APANet, both views",
    "write": "RGB to messages",
    "publish": "handing over to DDS",
    "age": "all of it, from receipt to publication",
}
PERCENTILES = ("p50", "p95", "p99")
LOSSES = ("replaced", "late", "passed_through", "rejected", "failed")


@dataclass(frozen=True)
class Measurement:
    """One run of the demo.

    `stages_ms` holds p50, p95 and p99 of each stage in milliseconds; `counters` what became of
    the `pairs` that were sent: how many were paired and derained, and how many lost, by cause.
    """

    machine: str
    commit: str
    model: str
    scene: str
    pairs: int
    replay_rate: float
    counters: Mapping[str, int]
    stages_ms: Mapping[str, Mapping[str, float]]
    quality: Quality
    matching: Matching


def stages_of(pairs: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the percentiles in milliseconds in the values of the node's status "pairs"."""
    return {
        stage: {key: float(pairs[f"{stage}_ms_{key}"]) for key in PERCENTILES} for stage in STAGES
    }


def counters_of(pairs: Mapping[str, str]) -> dict[str, int]:
    """Return what became of the pairs, from the values of the node's status "pairs"."""
    return {key: int(pairs[key]) for key in ("paired", "derained", *LOSSES)}


def as_table(measurement: Measurement) -> str:
    """Return the measurement as Markdown that also reads well on a terminal."""
    quality = measurement.quality
    rows = [
        f"| {stage:<7} | {STAGES[stage]:<38} | "
        + " | ".join(f"{times[key]:>8.1f}" for key in PERCENTILES)
        + " |"
        for stage, times in measurement.stages_ms.items()
    ]
    return "\n".join(
        [
            f"| {'stage':<7} | {'':<38} |   p50 ms |   p95 ms |   p99 ms |",
            f"|{'-' * 9}|{'-' * 40}|" + "|".join(f"{'-' * 9}:" for _ in PERCENTILES) + "|",
            *rows,
            "",
            _fate(measurement),
            "The first pair waits while the node warms up at its image size; p99 shows that.",
            f"PSNR {quality.rainy_psnr:.2f} dB in rain, {quality.derained_psnr:.2f} dB derained "
            f"(gain {quality.derained_psnr - quality.rainy_psnr:+.2f} dB); "
            f"SSIM {quality.rainy_ssim:.4f}, {quality.derained_ssim:.4f} "
            f"(gain {quality.derained_ssim - quality.rainy_ssim:+.4f}).",
            "",
            *_matching_lines(measurement.matching),
            "",
            f"- scene: {measurement.scene}",
            f"- model: {measurement.model}",
            f"- machine: {measurement.machine}",
            f"- commit: {measurement.commit}",
        ]
    )


def _matching_lines(matching: Matching) -> list[str]:
    """Return what semi-global matching makes of the pairs, against the true disparity."""
    errors = {"rainy": matching.rainy, "derained": matching.derained, "clean": matching.clean}
    return [
        "| disparity | bad-3px % | end-point px | density % |",
        f"|{'-' * 11}|{'-' * 10}:|{'-' * 13}:|{'-' * 10}:|",
        *(
            f"| {name:<9} | {100 * error.bad:>9.1f} | {error.end_point_px:>12.2f} | "
            f"{100 * error.density:>9.1f} |"
            for name, error in errors.items()
        ),
        "",
        f"By semi-global matching against the scene's true disparity, mean of {matching.pairs} "
        "pairs; bad: wrong by over 3 px, or missing.",
    ]


def write_report(folder: Path, measurement: Measurement) -> None:
    """Write latency.md and latency.json into `folder`."""
    title = "# Latency of the derain node, measured by `apanet demo`"
    texts = {
        "latency.md": f"{title}\n\n{as_table(measurement)}\n",
        "latency.json": json.dumps(asdict(measurement), indent=2) + "\n",
    }
    for name, text in texts.items():
        with written_aside(folder / name, force=True) as aside:
            aside.write_text(text)


def _fate(measurement: Measurement) -> str:
    counters = measurement.counters
    lost = {key.replace("_", " "): counters[key] for key in LOSSES if counters[key]}
    if unpaired := measurement.pairs - counters["paired"]:
        lost["never paired"] = unpaired
    losses = ", ".join(f"{count} {cause}" for cause, count in lost.items()) or "none lost"
    return (
        f"{counters['derained']} of {measurement.pairs} pairs derained, {losses}; "
        f"replayed at {measurement.replay_rate:.2f} x real time."
    )
