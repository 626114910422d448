"""Whatever parameters are set to: the node takes them, or refuses with a sentence and stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")
pytest.importorskip("onnxruntime")

import rclpy
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from apanet_ros.derain_node import DerainNode
from apanet_ros.parameter_rules import rule_of
from apanet_ros.parameters import NodeOptions

ANYTHING = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.lists(st.text(max_size=8), min_size=1, max_size=3),
)
POINTS = st.sampled_from(
    ["1.0", "0.5", "0.25 float16", "2", "", "0.5 nowhere", "nan", "1.0 tiny x"]
)
# What would take the machine's time or memory rather than fail.
LARGEST_SIDE = 64


def values_of(option: Field[Any]) -> st.SearchStrategy[Any]:
    """Values that a parameter may well have, and its limits."""
    rule = rule_of(option)
    if option.name == "ladder":
        return st.lists(POINTS, max_size=3)
    if option.name.startswith("image_"):
        return st.integers(0, LARGEST_SIDE)
    if rule.choices:
        return st.sampled_from(rule.choices)
    if rule.between:
        low, high = rule.between
        number = st.integers(int(low), int(high))
        return st.floats(low, high) if isinstance(option.default, float) else number
    return st.booleans() if isinstance(option.default, bool) else st.text(max_size=8)


OPTIONS = [option for option in fields(NodeOptions) if option.name not in ("model", "autostart")]
CHANGES = st.lists(
    st.sampled_from(OPTIONS).flatmap(
        lambda option: st.tuples(
            st.just(option.name), st.one_of(values_of(option), values_of(option), ANYTHING)
        )
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda change: change[0],
)


@pytest.fixture
def node(ros_domain: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[DerainNode]:
    """The node itself, in this process, with a network that needs no torch."""
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    model = Path(__file__).parents[1] / "data/small.onnx"
    arguments = ["--ros-args", "-p", f"model:={model}", "-p", "device:=cpu", "--log-level", "fatal"]
    rclpy.init(args=arguments, domain_id=ros_domain, signal_handler_options=SignalHandlerOptions.NO)
    node = DerainNode()
    yield node
    node.close()
    node.destroy_node()
    rclpy.shutdown()


def settings_of(node: DerainNode) -> dict[str, Any]:
    return {option.name: repr(node.get_parameter(option.name).value) for option in OPTIONS}


def change(node: DerainNode, changes: list[tuple[str, Any]]) -> bool:
    """Set parameters together; whether the node took them."""
    before = settings_of(node)
    result = node.set_parameters_atomically([Parameter(name, value=v) for name, v in changes])
    if result.successful:
        return True
    assert len(result.reason) > 10
    assert settings_of(node) == before
    return False


def test_while_it_runs(node: DerainNode) -> None:
    node.start()

    @settings(max_examples=80, deadline=None)
    @given(CHANGES)
    def any_changes(changes: list[tuple[str, Any]]) -> None:
        rules = {option.name: rule_of(option) for option in OPTIONS}
        if change(node, changes):
            assert all(rules[name].run_time for name, _ in changes)

    any_changes()
    assert node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS


def test_before_it_is_configured_with_what_it_took(node: DerainNode) -> None:
    @settings(max_examples=25, deadline=None)
    @given(CHANGES)
    def any_changes(changes: list[tuple[str, Any]]) -> None:
        change(node, changes)
        if node.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            assert node.trigger_cleanup() == TransitionCallbackReturn.SUCCESS
        else:
            assert len(node.failure) > 10

    any_changes()
