"""The options object: defaults, limits, and what may change while the node runs."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

pytest.importorskip("rclpy")

from rclpy.parameter import Parameter

from apanet_core.errors import ConfigError
from apanet_ros.parameter_rules import rule_of
from apanet_ros.parameters import NodeOptions


def test_defaults_are_valid_and_frozen() -> None:
    options = NodeOptions()
    assert options.model == "tiny"
    with pytest.raises(FrozenInstanceError):
        options.slop = 1.0  # type: ignore[misc]


def test_every_parameter_says_what_it_is() -> None:
    for option in fields(NodeOptions):
        assert rule_of(option).description.endswith("."), option.name


def test_units_are_those_the_core_takes() -> None:
    options = NodeOptions(slop=0.0125, latency_budget_ms=80.0)
    assert options.input_options.slop == 12_500_000
    assert options.latency_budget == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("slop", -0.1, "slop is -0.1. slop takes a number with a decimal point from 0.0 to 1.0 s."),
        ("slop", float("nan"), "slop is nan"),
        ("queue_size", 0, "queue_size is 0. queue_size takes a whole number from 1 to 100 frames."),
        ("latency_budget_ms", 1e9, "latency_budget_ms takes a number with a decimal point from 0"),
        ("ladder", ("2.0",), "The operating point '2.0' has no scale above 0 and up to 1"),
        ("image_width", 640, "image_width and image_height go together: give both, or neither."),
        ("over_budget", "wait", "over_budget is 'wait'. over_budget is one of passthrough, drop."),
        ("output_encoding", "yuv", "is one of same, rgb8, bgr8, rgba8, bgra8, mono8, mono16"),
        ("input_reliability", "fast", "is one of best_effort, reliable."),
        ("output_depth", 1001, "output_depth takes a whole number from 1 to 1000 messages."),
    ],
)
def test_a_bad_value_is_refused_with_the_valid_ones(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        NodeOptions(**{name: value})
    assert sentence in str(error.value)


def test_some_parameters_change_at_run_time_together() -> None:
    changed = NodeOptions().changed(
        [
            Parameter("slop", value=0.02),
            Parameter("latency_budget_ms", value=50.0),
            Parameter("use_sim_time", value=True),
        ],
        configured=True,
    )
    assert changed == NodeOptions(slop=0.02, latency_budget_ms=50.0)


def test_others_are_refused_with_the_reason_once_configured() -> None:
    change = [Parameter("slop", value=0.02), Parameter("model", value="large")]
    with pytest.raises(ConfigError, match="model cannot change while the node is configured"):
        NodeOptions().changed(change, configured=True)
    assert NodeOptions().changed(change, configured=False).model == "large"
