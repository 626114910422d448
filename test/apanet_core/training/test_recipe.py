from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from apanet_core.errors import ConfigError
from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import RECIPES, Recipe, load_recipe

SHIPPED = sorted(RECIPES.glob("*.yaml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def refused(path: Path, message: str):
    return pytest.raises(ConfigError, match=f"^{re.escape(str(path))}: {message}")


def test_tiny_is_shipped() -> None:
    assert "tiny" in [path.stem for path in SHIPPED]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_recipe_loads_and_is_named_as_its_file(path: Path) -> None:
    assert load_recipe(path.stem) == load_recipe(path)
    assert load_recipe(path).name == path.stem


def test_yaml_brings_back_every_setting(tmp_path) -> None:
    recipe = Recipe(
        name="other",
        network=ApanetConfig(width=8, blocks=(1, 2), memory_size=(4, 4), parallax=(True, False)),
        seed=2,
        steps=11,
        batch_size=3,
        crop=(32, 48),
        clear_share=0.25,
        learning_rate=2e-5,
        final_learning_rate=3e-6,
        warmup_steps=4,
        l1_weight=0.5,
        ssim_weight=0.75,
        gradient_clip=0.3,
        ema_decay=0.9,
        workers=2,
        checkpoint_every=5,
        validate_every=6,
        validation_scenes=7,
    )
    defaults = {field.name: field.default for field in dataclasses.fields(Recipe)}
    assert not {name for name, default in defaults.items() if getattr(recipe, name) == default}

    assert load_recipe(write(tmp_path, recipe.to_yaml())) == recipe


def test_a_short_recipe_takes_the_defaults(tmp_path) -> None:
    path = write(tmp_path, "name: mine\nnetwork: {width: 8}\nlearning_rate: 1\n")

    assert load_recipe(path) == Recipe(
        name="mine", network=ApanetConfig(width=8), learning_rate=1.0
    )


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    shipped = ", ".join(sorted(path.stem for path in SHIPPED))

    with pytest.raises(
        ConfigError, match=f"No recipe 'huge': give a YAML file or one of: {re.escape(shipped)}."
    ):
        load_recipe("huge")


START = "name: mine\nnetwork: {}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (START + "epochs: 3\nlr: 1", "unknown key epochs, lr; valid: name, network, seed, steps, "),
        (START + "3: 4", "unknown key 3; valid: name, "),
        ("steps: 3", "name and network must be given"),
        ("name: mine", "network must be given"),
        ("- a\n- b", "a recipe is a table of settings"),
        ("", "a recipe is a table of settings"),
        (START + "steps: many", "steps must be int, got 'many'"),
        (START + "steps: 1.5", "steps must be int, got 1.5"),
        (START + "steps: true", "steps must be int, got True"),
        (START + "clear_share: '0.1'", "clear_share must be float, got '0.1'"),
        (START + "clear_share: true", "clear_share must be float, got True"),
        (START + "crop: [64]", r"crop must be tuple\[int, int\], got \[64\]"),
        (START + "crop: [64, wide]", "crop must be int, got 'wide'"),
        (START + "crop: 64", r"crop must be tuple\[int, int\], got 64"),
        ("name: mine\nnetwork: tiny", "network must be ApanetConfig, got 'tiny'"),
        ("name: 3\nnetwork: {}", "name must be str, got 3"),
        ("name: mine\nnetwork: {depth: 3}", "Unknown network setting depth; valid: blocks, "),
        ("name: mine\nnetwork: {width: 6}", "Network setting width must be 4, 8, ...: 6"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text: str, message: str) -> None:
    path = write(tmp_path, text)

    with refused(path, message):
        load_recipe(path)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("steps", 0, "must be 1 or more, got 0"),
        ("batch_size", 0, "must be 1 or more, got 0"),
        ("checkpoint_every", 0, "must be 1 or more, got 0"),
        ("validate_every", -1, "must be 1 or more, got -1"),
        ("validation_scenes", 0, "must be 1 or more, got 0"),
        ("workers", -1, "must be 0 or more, got -1"),
        ("warmup_steps", -1, "must be 0 or more, got -1"),
        ("final_learning_rate", -0.1, "must be 0 or more, got -0.1"),
        ("l1_weight", -1.0, "must be 0 or more, got -1.0"),
        ("ssim_weight", -1.0, "must be 0 or more, got -1.0"),
        ("clear_share", 1.5, "must be 0 to 1, got 1.5"),
        ("clear_share", -0.5, "must be 0 to 1, got -0.5"),
        ("ema_decay", 1.01, "must be 0 to 1, got 1.01"),
        ("learning_rate", 0.0, "must be positive, got 0.0"),
        ("learning_rate", float("nan"), "must be positive, got nan"),
        ("learning_rate", float("inf"), "must be positive, got inf"),
        ("gradient_clip", -1.0, "must be positive, got -1.0"),
        ("crop", (15, 64), r"must be at least 16 x 16 pixels, got \(15, 64\)"),
    ],
)
def test_a_setting_out_of_range_is_named(setting: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=f"Recipe setting {setting} {message}"):
        Recipe(name="mine", network=ApanetConfig(), **{setting: value})  # type: ignore[arg-type]


def test_a_loss_must_be_left() -> None:
    with pytest.raises(ConfigError, match="l1_weight and ssim_weight: one must be positive"):
        Recipe(name="mine", network=ApanetConfig(), l1_weight=0.0, ssim_weight=0.0)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"a: b: c"])
def test_what_is_no_yaml_is_refused(tmp_path, content: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=f"{re.escape(str(path))} is no valid YAML: "):
        load_recipe(path)


def test_yaml_makes_no_objects(tmp_path) -> None:
    path = write(tmp_path, f"name: !!python/object/apply:os.system ['touch {tmp_path}/marker']")

    with pytest.raises(ConfigError, match="is no valid YAML"):
        load_recipe(path)

    assert not (tmp_path / "marker").exists()
