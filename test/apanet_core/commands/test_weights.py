from __future__ import annotations

import argparse
import re
import textwrap
from pathlib import Path

import pytest

from apanet_core.commands import weights
from apanet_core.errors import CheckpointError
from apanet_core.weights import resolve_weights, shipped_names
from apanet_core.weights.description import describe
from apanet_core.weights.hashes import sha256


@pytest.fixture(autouse=True)
def user_folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("APANET_WEIGHTS", str(tmp_path / "user"))
    return tmp_path / "user"


@pytest.fixture
def ours(tmp_path, make_network, small_config) -> Path:
    """The weights of a small network in a file; needs torch."""
    from apanet_core.network.checkpoint import save_model

    path = tmp_path / "best.safetensors"
    save_model(make_network(small_config), path, metadata={"step": "9"})
    return path


@pytest.fixture
def apanet_weights(capsys):
    """Run `apanet weights` with these words and return what it prints."""

    def run(*words: object) -> str:
        parser = argparse.ArgumentParser(prog="apanet weights")
        weights.add_arguments(parser)
        assert weights.run(parser.parse_args(list(map(str, words)))) == 0
        return str(capsys.readouterr().out)

    return run


def test_list_names_what_is_shipped(apanet_weights) -> None:
    head, *rows = apanet_weights("list").splitlines()

    assert head.split() == ["name", "from", "parameters", "size", "sha256", "what"]
    assert [row.split()[:2] for row in rows] == [[name, "shipped"] for name in shipped_names()]
    (tiny,) = (row for row in rows if row.startswith("tiny "))
    path = resolve_weights("tiny")
    digest = sha256(path)[:12]
    assert re.search(rf" \d+\.\d\d M +{path.stat().st_size / 1e6:.2f} MB  {digest}  A", tiny)


def test_imported_weights_are_listed_and_shown(apanet_weights, ours, user_folder) -> None:
    printed = apanet_weights("import", ours, "--name", "road")
    assert printed == f"Imported {ours} as road: {user_folder / 'road.safetensors'}\n"

    row = apanet_weights("list").splitlines()[-1]
    assert row.split()[:2] == ["road", "imported"]
    assert row.endswith("  An APANet of 2 levels from 8 channels.")
    shown = apanet_weights("show", "road")
    assert shown.startswith("# road\n\nAn APANet of 2 levels from 8 channels. No model card came")
    assert "\n\n## In the file\n\n- parameters: " in shown
    assert '\n- settings: {"width": 8, ' in shown
    assert shown.endswith("- step: 9\n")


def test_a_damaged_file_does_not_hide_the_others(apanet_weights, user_folder) -> None:
    user_folder.mkdir()
    (user_folder / "broken.safetensors").write_bytes(b"short")

    *_, tiny_or_other, broken = apanet_weights("list").splitlines()

    assert " shipped " in tiny_or_other
    assert broken.startswith("broken           imported")
    assert f"Cannot load {user_folder / 'broken.safetensors'}: it is no whole" in broken


def test_show_prints_the_model_card_and_then_what_the_file_says(apanet_weights) -> None:
    path = resolve_weights("tiny")
    card = path.with_suffix(".md").read_text(encoding="utf-8").rstrip()
    found = describe(path)

    shown = apanet_weights("show", "tiny")

    assert shown.startswith(f"{card}\n\n## In the file\n\n- parameters: {found.parameters:,}\n")
    facts, recipe = shown.removeprefix(card).split("\n- recipe:\n\n")
    assert f"\n- settings: {found.config.to_json()}\n" in facts
    assert facts.endswith(f"\n- step: {found.metadata['step']}")
    assert textwrap.dedent(recipe) == found.metadata["recipe"]


def test_the_recipe_shown_of_a_trained_file_trains_it_again(apanet_weights, ours) -> None:
    pytest.importorskip("pydantic")
    from apanet_core.network.checkpoint import load_model, save_model
    from apanet_core.training.recipe import load_recipe

    said = {
        "step": "9",
        "recipe": load_recipe("paper-stage1").to_yaml(),
        "contrastive_features": "a b",
    }
    save_model(load_model(ours), ours, metadata=said)
    ours.with_suffix(".md").write_text("# best\n\nA card.\n\n")

    facts, recipe = apanet_weights("show", ours).split("\n- recipe:\n\n")

    assert facts.startswith("# best\n\nA card.\n\n## In the file\n\n- parameters: ")
    assert facts.endswith("\n- contrastive_features: a b\n- step: 9")
    ours.with_suffix(".yaml").write_text(textwrap.dedent(recipe))
    assert load_recipe(ours.with_suffix(".yaml")) == load_recipe("paper-stage1")


def test_the_card_of_a_damaged_file_is_shown_before_that_is_told(apanet_weights, ours, capsys):
    ours.write_bytes(ours.read_bytes()[:-8])
    ours.with_suffix(".md").write_text("# best\n")

    with pytest.raises(CheckpointError, match="it is no whole safetensors file"):
        apanet_weights("show", ours)
    assert capsys.readouterr().out == "# best\n"


def test_verify_compares_shipped_weights_with_the_list(apanet_weights) -> None:
    path = resolve_weights("tiny")

    first, second, third = apanet_weights("verify", "tiny").splitlines()

    assert first == str(path)
    assert second == f"sha256 {sha256(path)}, as expected"
    assert third == "loads" or third.startswith("whole and finite; ")


def test_verify_compares_any_file_with_a_given_hash(apanet_weights, ours) -> None:
    digest = sha256(ours)

    assert f"sha256 {digest}, as expected\nloads\n" in apanet_weights(
        "verify", ours, "--sha256", digest.upper()
    )
    assert f"sha256 {digest}, compared with none: give --sha256\n" in apanet_weights("verify", ours)
    with pytest.raises(CheckpointError, match=f"has the SHA-256 {digest}, not {'0' * 64}"):
        apanet_weights("verify", ours, "--sha256", "0" * 64)


def test_verify_loads_what_no_hash_is_known_of(apanet_weights, ours) -> None:
    ours.write_bytes(ours.read_bytes()[:-8])

    with pytest.raises(CheckpointError, match="it is no whole safetensors file"):
        apanet_weights("verify", ours)


def test_convert_and_import_a_released_file(apanet_weights, data_folder, tmp_path) -> None:
    torch = pytest.importorskip("torch")
    import numpy as np

    with np.load(data_folder / "small.npz") as file:
        net = {
            name.removeprefix("state/"): torch.from_numpy(file[name])
            for name in file
            if name.startswith("state/")
        }
    torch.save({"net": net}, tmp_path / "APANet.pth")
    sizes = []
    for words in ([], ["--half"]):
        output = tmp_path / "converted.safetensors"
        words = ["convert", tmp_path / "APANet.pth", "-o", output, *words]
        assert apanet_weights(*words) == f"Wrote {output}.\n"
        sizes.append(output.stat().st_size)

    apanet_weights("import", tmp_path / "APANet.pth")

    assert sizes[1] < 0.7 * sizes[0]
    assert resolve_weights("APANet").parent == tmp_path / "user"
    line = "Converted from the released checkpoint APANet.pth."
    assert apanet_weights("list").splitlines()[-1].endswith(line)


def test_a_taken_name_is_refused_unless_replaced(apanet_weights, ours) -> None:
    apanet_weights("import", ours)

    with pytest.raises(CheckpointError, match="'best' is taken by "):
        apanet_weights("import", ours)
    assert apanet_weights("import", ours, "--replace").startswith(f"Imported {ours} as best: ")


def test_unknown_weights_are_named(apanet_weights) -> None:
    for action in ("show", "verify"):
        with pytest.raises(CheckpointError, match="No weights 'huge'"):
            apanet_weights(action, "huge")


def test_an_action_is_required(apanet_weights, capsys) -> None:
    with pytest.raises(SystemExit):
        apanet_weights()

    assert "required: ACTION" in capsys.readouterr().err
