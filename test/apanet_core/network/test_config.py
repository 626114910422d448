from __future__ import annotations

import dataclasses
import json
import re

import pytest

from apanet_core.errors import ConfigError
from apanet_core.network.config import RELEASED_MEMORY_EPS, ApanetConfig


def test_the_defaults_are_the_papers() -> None:
    config = ApanetConfig()

    assert (config.width, config.blocks, config.memory_size) == (32, (4, 6, 6, 8), (64,) * 4)
    assert (config.memory_eps, RELEASED_MEMORY_EPS) == (1e-9, 1e9)
    assert config.multiple == 8


@pytest.mark.parametrize(
    ("levels", "stem_fold", "multiple"), [(2, 1, 2), (3, 4, 16), (4, 2, 16), (4, 4, 32)]
)
def test_sides_are_multiples_of_what_stem_and_levels_fold(
    levels: int, stem_fold: int, multiple: int
) -> None:
    config = ApanetConfig(
        blocks=(1,) * levels,
        memory_size=(4,) * levels,
        parallax=(True,) * levels,
        stem_fold=stem_fold,
    )

    assert config.multiple == multiple


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blocks": (4,)}, r"blocks needs at least two levels, got \(4,\)"),
        ({"memory_size": (64,)}, r"memory_size needs 4 values like blocks: \(64,\)"),
        ({"parallax": (True,)}, r"parallax needs 4 values like blocks: \(True,\)"),
        ({"width": 6}, "width must be 4, 8, ...: 6"),
        ({"width": 0}, "width must be 4, 8, ...: 0"),
        ({"blocks": (4, 0, 6, 8)}, r"every level needs a block, got \(4, 0, 6, 8\)"),
        ({"memory_size": (64, 64, 0, 64)}, "memory_size must be positive"),
        ({"ffn_expansion": 3}, "ffn_expansion must be 2, 4, ..., got 3"),
        ({"ffn_expansion": 0}, "ffn_expansion must be 2, 4, ..., got 0"),
        ({"memory_eps": 0.0}, "memory_eps must be positive, got 0.0"),
        ({"stem_fold": 3}, "stem_fold must be 1, 2 or 4: 3"),
        (
            {"stem_fold": 4, "blocks": (1,) * 5, "memory_size": (4,) * 5, "parallax": (True,) * 5},
            "stem_fold 4 with 5 levels folds more than 32 pixels into one",
        ),
    ],
)
def test_a_setting_out_of_range_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^Network setting {message}"):
        ApanetConfig(**settings)  # type: ignore[arg-type]


def test_json_brings_back_every_setting() -> None:
    config = ApanetConfig(
        width=48,
        blocks=(1, 2, 3),
        memory_size=(8, 16, 32),
        ffn_expansion=4,
        memory_eps=1e9,
        stem_fold=4,
        parallax=(False, True, True),
        max_disparity=128,
        standardise=True,
        parallax_gate=True,
        haze=True,
    )
    unmasked = ApanetConfig(parallax_mask=False)
    assert not {
        field.name
        for field in dataclasses.fields(ApanetConfig)
        if getattr(config, field.name) == getattr(unmasked, field.name)
    }

    for settings in (config, unmasked):
        assert ApanetConfig.from_json(settings.to_json()) == settings


def test_the_reach_of_a_level_is_the_disparity_in_its_columns() -> None:
    config = ApanetConfig(stem_fold=2, max_disparity=100)

    assert [config.reach(level) for level in range(4)] == [50, 25, 13, 7]
    assert ApanetConfig().reach(2) == 0


@pytest.mark.parametrize("settings", [{"max_disparity": -1}, {"parallax_mask": False}])
def test_a_largest_disparity_needs_the_mask(settings) -> None:
    with pytest.raises(ConfigError, match="max_disparity must be 0 or, with parallax_mask, posit"):
        ApanetConfig(**({"max_disparity": 64} | settings))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"The network's settings are no JSON"):
        ApanetConfig.from_json(text)


def test_an_unknown_key_lists_the_valid_ones() -> None:
    with pytest.raises(
        ConfigError,
        match="Unknown network setting depth, heads; valid: blocks, ffn_expansion, "
        "haze, max_disparity, memory_eps, memory_size, parallax, parallax_gate, parallax_mask, "
        "standardise, stem_fold, width",
    ):
        ApanetConfig.from_dict({"width": 8, "heads": 2, "depth": 3})


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert ApanetConfig.from_dict({"memory_eps": 1}).memory_eps == 1


@pytest.mark.parametrize(
    "values",
    [
        {"width": "32"},
        {"width": True},
        {"width": 32.0},
        {"width": None},
        {"blocks": 4},
        {"blocks": [1, 1.5, 1, 1]},
        {"memory_size": ["a", "b", "c", "d"]},
        {"parallax": ["no", "no", "no", "no"]},
        {"memory_eps": "1e-9"},
        {"stem_fold": 1.0},
    ],
)
def test_a_value_of_the_wrong_type_is_refused(values: dict[str, object]) -> None:
    ((name, value),) = values.items()
    with pytest.raises(
        ConfigError,
        match=re.escape(f"Network setting {name} has the wrong type: {value!r}; its default is "),
    ):
        ApanetConfig.from_dict(values)


def test_files_of_earlier_versions_are_read_where_what_is_gone_was_off() -> None:
    settings = json.loads(ApanetConfig().to_json())

    assert ApanetConfig.from_json(json.dumps(settings | {"veil": False, "refinement": 0}))
    with pytest.raises(ConfigError, match="setting refinement, veil is of an earlier version"):
        ApanetConfig.from_json(json.dumps(settings | {"veil": True, "refinement": 4}))
