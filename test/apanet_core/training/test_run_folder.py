from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("pydantic")

from apanet_core.errors import ConfigError
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


def test_the_commit_is_that_of_the_code_not_of_the_current_folder(tmp_path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "another"], check=True)
    other = subprocess.run(
        [*git, "describe", "--always", "--abbrev=12"], check=True, capture_output=True, text=True
    ).stdout.strip()
    root = Path(__file__).parents[3]
    note = (
        "from pathlib import Path; from apanet_core.training.run_folder import note_environment;"
        "note_environment(Path('.'), 'cpu', 1, 0)"
    )
    subprocess.run(
        [sys.executable, "-c", note], cwd=tmp_path, check=True, env={"PYTHONPATH": str(root)}
    )

    found = yaml.safe_load((tmp_path / "environment.yaml").read_text())[0]["commit"]

    assert found != other
    assert re.fullmatch(r"[0-9a-f]{12}(-dirty)?|version [\d.]+|unknown", found)
