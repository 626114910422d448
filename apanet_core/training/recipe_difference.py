"""In which settings two recipes differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from apanet_core.training.recipe import Recipe


def differing_settings(one: Recipe, other: Recipe) -> list[str]:
    """Return the places of settings that differ, such as `optimizer.learning_rate`.

    A setting that one recipe leaves out differs as a whole (`real_rain`), and so do lists, but for
    those of as many tables each (`train.0.weight`).
    """
    return list(_differing(_values(one), _values(other), ""))


def _values(recipe: Recipe) -> Any:
    return yaml.safe_load(recipe.to_yaml())


def _differing(one: Any, other: Any, place: str) -> Iterator[str]:
    if one == other:
        return
    ones, others = _entries(one), _entries(other)
    if not ones or not others or (isinstance(one, list) and len(ones) != len(others)):
        yield place
        return
    for key in ones | others:
        where = f"{place}.{key}" if place else str(key)
        yield from _differing(ones.get(key), others.get(key), where)


def _entries(value: Any) -> dict[Any, Any]:
    """Return a table's entries, or a list's whose entries are tables, by number; else none."""
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else {}
