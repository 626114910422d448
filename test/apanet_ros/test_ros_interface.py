"""docs/ros_interface.md against what the node declares and reports."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import StreamStatistics
from apanet_ros.diagnostics import Diagnostics, Identity, Reading, state_status
from apanet_ros.latency_topic import LATENCY
from apanet_ros.parameters import NodeOptions, rule_of
from apanet_ros.rain_topic import RAINING
from apanet_ros.stereo_input import InputOptions, StereoInput
from apanet_ros.topics import DIAGNOSTICS, input_topics, output_topics

PAGE = (Path(__file__).parents[2] / "docs/ros_interface.md").read_text()
TYPES = {bool: "bool", tuple: "string array", str: "string", int: "integer", float: "double"}


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its title rows."""
    section = re.split(r"^#+ ", PAGE.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_parameters_are_those_the_node_declares() -> None:
    documented = {names(row[0])[0]: row[1:] for row in table("Parameters")}
    assert list(documented) == [option.name for option in fields(NodeOptions)]
    for option in fields(NodeOptions):
        rule = rule_of(option)
        kind, unit, default, limits, run_time = documented[option.name]
        assert kind == TYPES[type(option.default)], option.name
        assert unit == rule.unit, option.name
        assert default == f"`{_yaml(option.default)}`", option.name
        assert run_time == ("yes" if rule.run_time else "no"), option.name
        if rule.between:
            assert limits == f"{rule.between[0]:g} to {rule.between[1]:g}", option.name
        if rule.choices:
            assert names(limits) == list(rule.choices), option.name


def test_topics_are_those_the_node_uses() -> None:
    inputs = [input_topics(side) for side in Side]
    outputs = [output_topics(side, NodeOptions().output_namespace) for side in Side]
    used = [topic for each in (*inputs, *outputs) for topic in (each.image, each.camera_info)]
    assert [names(row[0])[0] for row in table("Topics")] == [*used, DIAGNOSTICS, LATENCY, RAINING]


def test_diagnostics_are_those_the_node_reports() -> None:
    stereo_input = StereoInput(InputOptions(0, 1), lambda _: None, clock=lambda: 0.0, warn=print)
    reading = Reading(0.0, stereo_input.snapshot(), StreamStatistics().snapshot())
    topics = {side: input_topics(side) for side in Side}
    identity = Identity("node", "", "", "", ["1 tiny"], topics)
    report = Diagnostics(identity, reading).report(reading)
    for status in [state_status("node", "active", ""), *report]:
        part = status.name.removeprefix("node: ")
        documented = [name for row in table(f"`<node>: {part}`") for name in names(row[0])]
        assert sorted(documented) == sorted(value.key for value in status.values)


def _yaml(value: object) -> str:
    if isinstance(value, tuple):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
