from __future__ import annotations

import math
import re

import numpy as np
import pytest
from safetensors.numpy import save_file

from apanet_core.errors import CheckpointError
from apanet_core.network.config import CONFIG_KEY
from apanet_core.weights import resolve_weights
from apanet_core.weights.description import check_values, describe, one_line


def test_what_a_file_says(tmp_path, write_weights) -> None:
    path = write_weights(tmp_path / "a.safetensors", {"step": "7"})

    found = describe(path)

    assert found.parameters == 10
    assert found.size_bytes == path.stat().st_size
    assert found.config.width == 4
    assert found.metadata == {"step": "7"}


def test_the_line_comes_from_the_file_then_the_card_then_the_settings(
    tmp_path, write_weights
) -> None:
    path = write_weights(tmp_path / "a.safetensors", {"description": "Said by itself."})
    bare = write_weights(tmp_path / "b.safetensors")

    assert one_line(path, describe(path)) == "Said by itself."
    assert one_line(bare, describe(bare)) == "An APANet of 2 levels from 4 channels."
    card = "# Title\n\nA network of 1.9\nmillion: for roads.\n"
    for letter in "ab":
        (tmp_path / f"{letter}.md").write_text(card)
    assert one_line(path, describe(path)) == "Said by itself."
    assert one_line(bare, describe(bare)) == "A network of 1.9 million."


def test_a_long_line_is_cut_between_words(tmp_path, write_weights) -> None:
    path = write_weights(tmp_path / "a.safetensors", {"description": "word " * 40})

    line = one_line(path, describe(path))

    assert len(line) <= 72
    assert line.endswith("word ...")


def test_the_shipped_card_gives_a_line() -> None:
    path = resolve_weights("tiny")

    line = one_line(path, describe(path))

    assert re.fullmatch(r"[A-Z][^#|]{15,}\.", line), line


def test_a_foreign_or_damaged_file_is_named(tmp_path, write_weights) -> None:
    foreign = tmp_path / "foreign.safetensors"
    save_file({"a": np.ones(2)}, foreign)
    unknown = write_weights(tmp_path / "unknown.safetensors", {CONFIG_KEY: '{"depth": 3}'})
    damaged = write_weights(tmp_path / "damaged.safetensors")
    damaged.write_bytes(damaged.read_bytes()[:-1])

    for path, reason in (
        (foreign, "its metadata has no apanet_config, so it is not an APANet"),
        (unknown, "Unknown network setting depth; valid: "),
        (damaged, "it is no whole safetensors file ("),
        (tmp_path / "none.safetensors", "it is no whole safetensors file ("),
    ):
        with pytest.raises(CheckpointError, match=re.escape(f"Cannot load {path}: {reason}")):
            describe(path)


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_values_that_are_not_finite_are_found(tmp_path, write_weights, value) -> None:
    check_values(write_weights(tmp_path / "good.safetensors"))
    path = write_weights(tmp_path / "bad.safetensors", value=value)

    with pytest.raises(CheckpointError, match="tensor a holds values that are not finite"):
        check_values(path)
