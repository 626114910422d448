from __future__ import annotations

import re
import sys

import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("pydantic")

from apanet_core.errors import ConfigError
from apanet_core.machine import describe_commit, describe_machine
from apanet_core.training.recipe import load_recipe
from apanet_core.training.run_folder import append_log, claim, forget_after, note_environment


def test_a_folder_belongs_to_one_recipe(tmp_path) -> None:
    folder = tmp_path / "runs" / "tiny"
    claim(folder, load_recipe("tiny"))
    claim(folder, load_recipe("tiny"))

    assert load_recipe(folder / "recipe.yaml") == load_recipe("tiny")
    with pytest.raises(ConfigError, match=f"{re.escape(str(folder))} holds the run of another rec"):
        claim(folder, load_recipe("small"))


def test_the_log_forgets_what_will_be_trained_again(tmp_path) -> None:
    for step in (2, 4, 6):
        append_log(tmp_path, {"step": step, "loss": 1 / step})

    forget_after(tmp_path, 4)

    assert (tmp_path / "log.csv").read_text() == "step,loss\n2,0.5\n4,0.25\n"


def test_starts_are_noted_one_below_the_other(tmp_path) -> None:
    note_environment(tmp_path, "cpu", processes=1, step=0)
    note_environment(tmp_path, "cpu", processes=2, step=40)

    starts = yaml.safe_load((tmp_path / "environment.yaml").read_text())

    assert [(start["from_step"], start["processes"]) for start in starts] == [(0, 1), (40, 2)]
    assert starts[0]["command"] == " ".join(sys.argv)
    assert starts[0]["commit"] == describe_commit()
    assert starts[0]["machine"] == describe_machine()
