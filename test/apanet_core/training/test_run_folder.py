from __future__ import annotations

import dataclasses
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
        claim(folder, load_recipe("paper-stage1"))


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({"seed": 9}, "seed differs"),
        ({"seed": 9, "workers": 0, "name": "other"}, "name, seed differ"),
    ],
)
def test_settings_that_differ_are_named(changes, differing, tmp_path) -> None:
    claim(tmp_path, load_recipe("tiny"))
    kept = (tmp_path / "recipe.yaml").read_bytes()

    message = f"{tmp_path} holds the run of another recipe ({differing}): choose another folder."
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        claim(tmp_path, dataclasses.replace(load_recipe("tiny"), **changes))

    assert (tmp_path / "recipe.yaml").read_bytes() == kept


def test_what_does_not_change_the_result_may_differ(tmp_path) -> None:
    claim(tmp_path, load_recipe("tiny"))
    other = dataclasses.replace(load_recipe("tiny"), workers=7, checkpoint_every=3)

    claim(tmp_path, other)

    assert load_recipe(tmp_path / "recipe.yaml") == other


def test_an_empty_recipe_is_named(tmp_path) -> None:
    (tmp_path / "recipe.yaml").touch()

    message = f"{tmp_path / 'recipe.yaml'}: a recipe is a table of settings. Choose another folder."
    with pytest.raises(ConfigError, match=re.escape(message)):
        claim(tmp_path, load_recipe("tiny"))


def test_the_log_forgets_what_will_be_trained_again(tmp_path) -> None:
    for step in (2, 4, 6):
        append_log(tmp_path, {"step": step, "loss": 1 / step})

    forget_after(tmp_path, 4)

    assert (tmp_path / "log.csv").read_text() == "step,loss\n2,0.5\n4,0.25\n"


@pytest.mark.parametrize("left", ["", "step,lo"])
def test_an_empty_log_begins_anew(left, tmp_path) -> None:
    (tmp_path / "log.csv").write_text(left)

    forget_after(tmp_path, 4)
    append_log(tmp_path, {"step": 6, "loss": 0.5})

    assert (tmp_path / "log.csv").read_text() == "step,loss\n6,0.5\n"


def test_a_line_that_was_cut_short_is_forgotten(tmp_path) -> None:
    (tmp_path / "log.csv").write_text("step,loss\n2,0.5\n4,0.")

    forget_after(tmp_path, 4)

    assert (tmp_path / "log.csv").read_text() == "step,loss\n2,0.5\n"


def test_a_failed_write_leaves_the_log_as_it_was(tmp_path) -> None:
    for step in (2, 4):
        append_log(tmp_path, {"step": step, "loss": 1 / step})
    before = (tmp_path / "log.csv").read_text()
    # Nothing can be written to a folder of that name.
    (tmp_path / "log.csv.part").mkdir()

    with pytest.raises(OSError, match=r"log\.csv\.part"):
        forget_after(tmp_path, 2)

    assert (tmp_path / "log.csv").read_text() == before


def test_starts_are_noted_one_below_the_other(tmp_path) -> None:
    note_environment(tmp_path, "cpu", processes=1, step=0)
    note_environment(tmp_path, "cpu", processes=2, step=40)

    starts = yaml.safe_load((tmp_path / "environment.yaml").read_text())

    assert [(start["from_step"], start["processes"]) for start in starts] == [(0, 1), (40, 2)]
    assert starts[0]["command"] == " ".join(sys.argv)
    assert starts[0]["commit"] == describe_commit()
    assert starts[0]["machine"] == describe_machine()


def test_an_empty_file_of_starts_begins_anew(tmp_path) -> None:
    (tmp_path / "environment.yaml").touch()

    note_environment(tmp_path, "cpu", processes=1, step=4)

    [start] = yaml.safe_load((tmp_path / "environment.yaml").read_text())
    assert start["from_step"] == 4
