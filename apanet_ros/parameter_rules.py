"""What a parameter means and may be: its rule, kept with the field it belongs to."""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor

from apanet_core.errors import ConfigError

_KINDS = {
    bool: "true or false",
    float: "a number with a decimal point",
    int: "a whole number",
    str: "a text",
    tuple: "a list of texts",
}


@dataclass(frozen=True)
class Rule:
    """What a parameter means, its unit, what limits it, and whether it may change at run time."""

    description: str
    unit: str
    between: tuple[float, float] | None
    choices: tuple[str, ...]
    run_time: bool


def parameter(
    default: Any,
    description: str,
    unit: str = "",
    between: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    run_time: bool = False,
) -> Any:
    """Return a dataclass field that is a parameter; a number of no unit counts something."""
    rule = Rule(description, unit, between, choices, run_time)
    return field(default=default, metadata={"rule": rule})


def rule_of(option: Field[Any]) -> Rule:
    """The rule of a field of NodeOptions."""
    rule: Rule = option.metadata["rule"]
    return rule


def check(option: Field[Any], value: Any) -> None:
    """Raise `ConfigError` that lists what is valid when a value is none of it."""
    rule = rule_of(option)
    if rule.choices and value not in rule.choices:
        raise ConfigError(f"{option.name} is {value!r}. {expectation(option)}")
    if rule.between and not rule.between[0] <= value <= rule.between[1]:
        raise ConfigError(f"{option.name} is {value}. {expectation(option)}")


def expectation(option: Field[Any]) -> str:
    """Say in a sentence what a parameter takes."""
    rule = rule_of(option)
    if rule.choices:
        return f"{option.name} is one of {', '.join(rule.choices)}."
    limits = f" from {rule.between[0]} to {rule.between[1]}" if rule.between else ""
    unit = f" {rule.unit}" if rule.unit else ""
    return f"{option.name} takes {_KINDS[type(option.default)]}{limits}{unit}."


def descriptor_of(option: Field[Any]) -> ParameterDescriptor:
    """What ROS is told about a parameter."""
    rule = rule_of(option)
    # None is read-only to ROS, which would forbid a change in the unconfigured state too.
    descriptor = ParameterDescriptor(description=rule.description)
    when = "run time" if rule.run_time else "unconfigured"
    descriptor.additional_constraints = f"{expectation(option)} Changes: {when}."
    if rule.between and isinstance(option.default, float):
        low, high = map(float, rule.between)
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif rule.between:
        low, high = map(int, rule.between)
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high, step=1)]
    return descriptor
