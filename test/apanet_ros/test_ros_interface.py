"""docs/ros_interface.md against what the node declares, and against the node as it runs."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import StreamStatistics
from apanet_ros.diagnostics import Diagnostics, Identity, Reading, state_status
from apanet_ros.latency_topic import LATENCY
from apanet_ros.parameter_rules import rule_of
from apanet_ros.parameters import NodeOptions
from apanet_ros.rain_topic import RAINING
from apanet_ros.stereo.stereo_input import InputOptions, StereoInput
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


NODE = "derain_node"
# What every managed node has, and rclpy's nodes.
OF_EVERY_NODE = {
    "publishers": {"/rosout", "/parameter_events", f"/{NODE}/transition_event"},
    "subscriptions": {"/parameter_events"},
    "services": {
        f"/{NODE}/{name}"
        for name in (
            "change_state",
            "get_state",
            "get_available_states",
            "get_available_transitions",
            "get_transition_graph",
            "describe_parameters",
            "get_parameters",
            "get_parameter_types",
            "list_parameters",
            "set_parameters",
            "set_parameters_atomically",
            "get_type_description",
        )
    },
}
OF_EVERY_NODES_PARAMETERS = ("use_sim_time", "start_type_description_service", "qos_overrides.")


def resolved(name: str) -> str:
    """A documented name as the graph has it."""
    return name.replace("~", f"/{NODE}") if name.startswith(("~", "/")) else f"/{name}"


def documented(heading: str, *directions: str) -> dict[str, str]:
    """Names and types of a table, those of some directions only."""
    rows = [row for row in table(heading) if not directions or row[2] in directions]
    return {resolved(names(row[0])[0]): names(row[1])[0] for row in rows}


def own(found: list[tuple[str, list[str]]], kind: str) -> dict[str, str]:
    """Names and types in the graph without those of every node."""
    return {name: types[0] for name, types in found if name not in OF_EVERY_NODE[kind]}


def test_the_running_node_has_the_topics_services_and_qos_that_are_documented(
    start_node: Any, peer: Any
) -> None:
    pytest.importorskip("torch")
    start_node()
    graph = peer.node
    expected = [documented("Topics", "out"), documented("Topics", "in"), documented("Services")]

    def found() -> list[dict[str, str]]:
        """What the graph has of the node so far: it comes bit by bit."""
        if NODE not in graph.get_node_names():
            return [{}, {}, {}]
        return [
            own(graph.get_publisher_names_and_types_by_node(NODE, "/"), "publishers"),
            own(graph.get_subscriber_names_and_types_by_node(NODE, "/"), "subscriptions"),
            own(graph.get_service_names_and_types_by_node(NODE, "/"), "services"),
        ]

    def all_seen() -> bool:
        return all(
            names <= seen.keys() for names, seen in zip(map(set, expected), found(), strict=True)
        )

    peer.spin_until(all_seen, "the node's topics and services")
    assert found() == expected
    for row in table("Topics"):
        assert row[3].rsplit(", ", 1)[0] == _qos(graph, resolved(names(row[0])[0]), row[2])


def _qos(graph: Any, topic: str, direction: str) -> str:
    """Reliability and durability of the node's end on a topic; the graph does not tell depths."""
    ends = {"in": graph.get_subscriptions_info_by_topic, "out": graph.get_publishers_info_by_topic}
    (profile,) = [end.qos_profile for end in ends[direction](topic) if end.node_name == NODE]
    return ", ".join(
        policy.name.lower().replace("_", " ")
        for policy in (profile.reliability, profile.durability)
    )


def test_the_running_node_has_the_parameters_and_values_that_are_documented(
    start_node: Any, peer: Any, derained: Any
) -> None:
    pytest.importorskip("torch")
    from rcl_interfaces.srv import ListParameters

    start_node()
    client = peer.node.create_client(ListParameters, f"/{NODE}/list_parameters")
    assert client.wait_for_service(60)
    answer = peer.answer(lambda: client.call_async(ListParameters.Request()), "the parameters")
    listed = {
        name for name in answer.result.names if not name.startswith(OF_EVERY_NODES_PARAMETERS)
    }
    assert listed == {names(row[0])[0] for row in table("Parameters")}
    for part in ("state", "input", "pairs", "network"):
        reported = {re.sub(r"^point_[12]", "point_0", key) for key in derained.values(part)}
        assert reported == {name for row in table(f"`<node>: {part}`") for name in names(row[0])}
