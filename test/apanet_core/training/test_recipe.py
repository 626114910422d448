from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("pydantic")

import yaml

from apanet_core.errors import ConfigError
from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import (
    RECIPES,
    LargeModelRecipe,
    LossRecipe,
    OptimizerRecipe,
    RealRainRecipe,
    Recipe,
    SourceRecipe,
    StageRecipe,
    ValidationRecipe,
    load_recipe,
)

SHIPPED = sorted(RECIPES.glob("*.yaml"))

SHORT = """
name: mine
network: {width: 8}
train: [{kind: clean_stereo, folder: a}]
validate: {folder: b}
stages: [{crop: [32, 48], batch_size: 2, steps: 3}]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def refused(path: Path, message: str):
    return pytest.raises(ConfigError, match=f"^{re.escape(str(path))}: {message}")


def changed(setting: str, value: object) -> str:
    """The short recipe with one setting, its place separated by points, set or (None) taken out."""
    recipe = yaml.safe_load(SHORT)
    *path, last = [int(part) if part.isdigit() else part for part in setting.split(".")]
    place = recipe
    for part in path:
        place = place.setdefault(part, {}) if isinstance(place, dict) else place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return str(yaml.safe_dump(recipe))


def test_tiny_and_the_papers_stages_are_shipped() -> None:
    assert {"tiny", "paper-stage1"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_recipe_loads_and_is_named_as_its_file(path: Path) -> None:
    assert load_recipe(path.stem) == load_recipe(path)
    assert load_recipe(path).name == path.stem


def test_yaml_brings_back_every_setting(tmp_path) -> None:
    recipe = Recipe(
        name="other",
        network=ApanetConfig(
            width=8, blocks=(1, 2), memory_size=(4, 4), parallax=(True, False), haze=True
        ),
        train=(
            SourceRecipe(
                kind="clean_single",
                folder="photos",
                weight=2.5,
                part=(0.1, 0.9),
                clear_share=0.25,
                streak_masks="masks",
                mask_share=0.5,
                wet_share=0.75,
                separate_share=0.125,
                thin_share=0.25,
                spoilt_share=0.375,
                largest_crop=(48, 64),
                augment=False,
            ),
            SourceRecipe(kind="rainy_stereo", folder="rainy"),
            SourceRecipe(kind="rainy_single", folder="streaks", veil_free=True),
            SourceRecipe(kind="clean_stereo", folder="pairs", scaled_share=0.5),
        ),
        validate=ValidationRecipe(
            folder="rainy2",
            kind="rainy_stereo",
            part=(0.5, 0.75),
            scenes=7,
            every=6,
            cameras=True,
        ),
        stages=(
            StageRecipe(crop=(32, 48), batch_size=3, steps=11),
            StageRecipe(crop=(64, 64), batch_size=1, epochs=2.5),
        ),
        loss=LossRecipe(
            ssim=0.75, l1=0.5, psnr=0.25, consistency=0.125, hazy=0.3, brightness=0.7, drops=3.5
        ),
        optimizer=OptimizerRecipe(
            learning_rate=2e-5,
            final_learning_rate=3e-6,
            warmup_steps=4,
            gradient_clip=0.3,
            ema_decay=0.9,
            precision="bfloat16",
        ),
        real_rain=RealRainRecipe(
            teacher="teacher.safetensors",
            sources=(SourceRecipe(kind="real_single", folder="real"),),
            batch_size=3,
            features="vgg19:vgg19.pth",
            contrastive=1e-3,
            total_variation=1e-4,
            dark_channel=1e-5,
        ),
        large_model=LargeModelRecipe(teacher="large.safetensors", output=0.5, taps=0.25),
        seed=2,
        workers=2,
        checkpoint_every=5,
    )

    assert load_recipe(write(tmp_path, recipe.to_yaml())) == recipe


def test_a_short_recipe_takes_the_defaults(tmp_path) -> None:
    path = write(tmp_path, SHORT + "optimizer: {learning_rate: 1}\n")

    assert load_recipe(path) == Recipe(
        name="mine",
        network=ApanetConfig(width=8),
        train=(SourceRecipe(kind="clean_stereo", folder="a"),),
        validate=ValidationRecipe(folder="b"),
        stages=(StageRecipe(crop=(32, 48), batch_size=2, steps=3),),
        optimizer=OptimizerRecipe(learning_rate=1.0),
    )


def test_the_documented_recipe_loads(tmp_path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("```yaml\n")

    recipe = load_recipe(write(tmp_path, rest.partition("```")[0]))

    assert recipe.name == "mine"
    assert recipe.validate.cameras


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    shipped = ", ".join(sorted(path.stem for path in SHIPPED))

    with pytest.raises(
        ConfigError, match=f"No recipe 'huge': give a YAML file or one of: {re.escape(shipped)}."
    ):
        load_recipe("huge")


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("epochs", 3, "unknown key epochs; valid: name, network, train, validate, stages, "),
        (
            "validate.seed",
            3,
            "unknown key validate.seed; valid: folder, kind, part, ",
        ),
        ("train.0.weigth", 2, "unknown key train.0.weigth; valid: kind, folder, weight, part, "),
        ("train.0.thin", 1, "unknown key train.0.thin; valid: .*, thin_share, spoilt_share, sca"),
        (
            "loss.vgg",
            2,
            "unknown key loss.vgg; valid: ssim, l1, psnr, consistency, hazy, brightness, drops.",
        ),
        ("network.depth", 2, "Unknown network setting depth; valid: blocks, "),
        ("real_rain.x", 2, "unknown key real_rain.x; valid: teacher, sources, batch_size, "),
        ("name", None, "name must be given."),
        ("train.0.folder", None, "train.0.folder must be given."),
        ("name", 3, "name is 3: input should be a valid string."),
        ("seed", "many", "seed is 'many': input should be a valid integer."),
        ("seed", True, "seed is True: input should be a valid integer."),
        ("seed", 1.5, "seed is 1.5: input should be a valid integer."),
        ("seed", -1, "seed is -1: input should be greater than or equal to 0."),
        ("seed", 2**63, f"seed is {2**63}: .*less than or equal to {2**63 - 1}."),
        ("seed", 2**70, f"seed is {2**70}: .*less than or equal to {2**63 - 1}."),
        ("workers", -1, "workers is -1: input should be greater than or equal to 0."),
        ("workers", 10**9, "workers is 1000000000: input should be less than or equal to 256."),
        ("optimizer.learning_rate", "1e-3", r"optimizer.learning_rate is '1e-3': .*write 1\.0e-3"),
        ("optimizer.learning_rate", 0.0, "optimizer.learning_rate is 0.0: .*greater than 0"),
        ("optimizer.learning_rate", float("inf"), "optimizer.learning_rate is inf: .*finite"),
        ("optimizer.gradient_clip", -1.0, "optimizer.gradient_clip is -1.0: "),
        ("optimizer.warmup_steps", -1, "optimizer.warmup_steps is -1: "),
        ("optimizer.ema_decay", 1.01, "optimizer.ema_decay is 1.01: .*less than or equal to 1"),
        ("optimizer.precision", "int8", "optimizer.precision is 'int8': .*'float32', 'bfloat16'"),
        ("train.0.clear_share", "0.1", "train.0.clear_share is '0.1': "),
        ("train.0.separate_share", 1.5, "train.0.separate_share is 1.5: .*less than or equal to 1"),
        ("train.0.thin_share", -0.1, "train.0.thin_share is -0.1: .*greater than or equal to 0"),
        ("train.0.spoilt_share", 2, "train.0.spoilt_share is 2: .*less than or equal to 1"),
        ("train.0.scaled_share", "half", "train.0.scaled_share is 'half': .*valid number"),
        ("train.0.veil_free", 1, "train.0.veil_free is 1: .*valid boolean"),
        ("validate.cameras", "all", "validate.cameras is .all.: .*valid boolean"),
        ("loss.hazy", -1, "loss.hazy is -1: .*greater than or equal to 0"),
        ("loss.brightness", "much", "loss.brightness is 'much': .*valid number"),
        ("loss.drops", float("inf"), "loss.drops is inf: .*finite"),
        ("train.0.kind", "wet", "train.0.kind is 'wet': input should be 'clean_stereo', "),
        ("stages.0.crop", [64], r"stages.0.crop.1 must be given\."),
        ("stages.0.crop", [64, "wide"], "stages.0.crop.1 is 'wide': "),
        ("stages.0.crop", [15, 64], "stages.0.crop.0 is 15: .*greater than or equal to 16"),
        ("stages.0.steps", 0, "stages.0.steps is 0: "),
        ("stages.0.epochs", 2, "Every stage needs either steps or epochs."),
        ("stages", [], "stages must list one entry at least."),
        ("train", [], "train must list one entry at least."),
        ("loss.ssim", 0, "Of loss ssim, l1 and psnr one must be positive."),
        ("network", "tiny", "network is 'tiny': "),
        ("network.width", 6, "Network setting width must be 4, 8, ...: 6"),
        ("train.0.kind", "real_stereo", "train: a is real_stereo, it must be a kind with clean"),
        (
            "real_rain",
            {"teacher": "t", "sources": []},
            "real_rain.sources must list one entry at least.",
        ),
        (
            "real_rain",
            {"teacher": "t", "sources": [{"kind": "clean_single", "folder": "c"}]},
            "real_rain sources: c is clean_single, it must be real_stereo or real_single",
        ),
        ("loss.hazy", 0.5, "loss.hazy needs a network that knows haze: set network.haze to true"),
        (
            "train.0.veil_free",
            True,
            "a is clean_stereo, which takes no veil_free: it is for rai",
        ),
        (
            "train.0",
            {"kind": "clean_single", "folder": "c", "scaled_share": 0.5},
            "c is clean_single, which takes no scaled_share: it is for clean_stereo.",
        ),
        (
            "train.0",
            {"kind": "rainy_stereo", "folder": "r", "thin_share": 0.5},
            "r is rainy_stereo, which takes no thin_share: it is for clean_stereo and clean_sing",
        ),
        ("validate.folder", "a", "validate: a is trained on as well: give both another part."),
        ("validate.folder", "set/testing", "validate: set/testing is a test split, which must not"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, setting: str, value: object, message: str) -> None:
    path = write(tmp_path, changed(setting, value))

    with refused(path, message):
        load_recipe(path)


def test_one_folder_can_train_and_validate_in_parts(tmp_path) -> None:
    text = SHORT.replace("folder: a", "folder: a, part: [0, 0.9]").replace(
        "folder: b", "folder: a, part: [0.9, 1]"
    )

    assert load_recipe(write(tmp_path, text)).validate.part == (0.9, 1.0)


def test_a_recipe_extends_another_by_what_differs(tmp_path) -> None:
    write(tmp_path, SHORT)
    other = tmp_path / "other.yaml"
    other.write_text(
        "extends: mine.yaml\nname: other\nnetwork: {memory_eps: 1.0e+9}\n"
        "stages: [{crop: [64, 64], batch_size: 1, epochs: 2}]\n"
    )

    found = load_recipe(other)

    assert found.name == "other"
    assert found.network == ApanetConfig(width=8, memory_eps=1e9)
    assert found.stages == (StageRecipe(crop=(64, 64), batch_size=1, epochs=2),)
    assert found.train == load_recipe(tmp_path / "mine.yaml").train


def test_a_shipped_recipe_can_be_extended(tmp_path) -> None:
    found = load_recipe(write(tmp_path, "extends: tiny\nname: mine\nseed: 5\n"))

    assert (found.name, found.seed) == ("mine", 5)
    assert found.network == load_recipe("tiny").network


@pytest.mark.parametrize(
    ("base", "message"),
    [("mine.yaml", ".*mine.yaml extends itself"), ("huge", "No recipe 'huge': give a YAML file")],
)
def test_a_wrong_base_is_refused(tmp_path, base: str, message: str) -> None:
    path = write(tmp_path, f"extends: {base}\n")

    with refused(path, message):
        load_recipe(path)


@pytest.mark.parametrize("number", [0, 2**63 - 1])
def test_the_least_and_the_greatest_seed_are_taken(tmp_path, number: int) -> None:
    assert load_recipe(write(tmp_path, changed("seed", number))).seed == number


@pytest.mark.parametrize("way", ["../{}/mine.yaml", "../{}/../{}/mine.yaml", "./link.yaml"])
def test_a_recipe_that_comes_back_to_itself_another_way_is_refused(tmp_path, way: str) -> None:
    path = write(tmp_path, f"extends: {way.replace('{}', tmp_path.name)}\n")
    (tmp_path / "link.yaml").symlink_to(path)

    with refused(path, ".*yaml extends itself"):
        load_recipe(path)


def test_recipes_that_extend_each_other_over_two_folders_are_refused(tmp_path) -> None:
    for here, there in (("a", "b"), ("b", "a")):
        (tmp_path / here).mkdir()
        write(tmp_path / here, f"extends: ../{there}/mine.yaml\n")
    path = tmp_path / "a" / "mine.yaml"

    with refused(path, ".*mine.yaml extends itself"):
        load_recipe(path)


def test_a_datasets_training_folder_does_not_validate_its_training(tmp_path) -> None:
    text = SHORT.replace("kind: clean_stereo, folder: a", "kind: rainy_stereo, folder: RainKITTI")
    text = text.replace("folder: b", "kind: rainy_stereo, folder: RainKITTI/training")
    path = write(tmp_path, text)

    with refused(path, "validate: RainKITTI/training is trained on as well: give both another"):
        load_recipe(path)


@pytest.mark.parametrize("text", ["", "- a\n- b", "3"])
def test_what_is_no_table_is_refused(tmp_path, text: str) -> None:
    path = write(tmp_path, text)

    with refused(path, "a recipe is a table of settings"):
        load_recipe(path)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"a: b: c"])
def test_what_is_no_yaml_is_refused(tmp_path, content: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=f"{re.escape(str(path))}: it is no valid YAML: "):
        load_recipe(path)


def test_yaml_makes_no_objects(tmp_path) -> None:
    path = write(tmp_path, f"name: !!python/object/apply:os.system ['touch {tmp_path}/marker']")

    with pytest.raises(ConfigError, match="it is no valid YAML"):
        load_recipe(path)

    assert not (tmp_path / "marker").exists()
