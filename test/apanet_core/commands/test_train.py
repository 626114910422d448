from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("pydantic")

from apanet_core.commands import train
from apanet_core.errors import BackendError, ConfigError, ImageError
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.network.checkpoint import load_model

RECIPE = """
name: short
network: {width: 4, blocks: [1, 1], memory_size: [2, 2], stem_fold: 4, parallax: [false, true]}
train: [{kind: clean_stereo, folder: pairs, part: [0.0, 0.75]}]
validate: {folder: pairs, part: [0.75, 1.0]}
stages: [{crop: [32, 48], batch_size: 1, steps: 2}]
workers: 0
"""


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet train")
    train.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


@pytest.fixture
def arguments(tmp_path, make_scenes) -> list[object]:
    """The words of a short training on three pairs, validated on a fourth."""
    for number, scene in enumerate(make_scenes(4, 48, 64)):
        for view in ("left", "right"):
            folder = tmp_path / "pairs" / view
            folder.mkdir(parents=True, exist_ok=True)
            write_rgb(folder / f"{number}.png", getattr(scene, view))
    (tmp_path / "short.yaml").write_text(RECIPE)
    return [
        *(tmp_path / "short.yaml", "--device", "cpu"),
        *("--data", tmp_path, "--output", tmp_path / "run"),
    ]


def change(tmp_path: Path, old: str, new: str) -> None:
    recipe = tmp_path / "short.yaml"
    assert old in recipe.read_text()
    recipe.write_text(recipe.read_text().replace(old, new))


def test_trains_and_says_where_the_weights_are(tmp_path, arguments, capsys) -> None:
    assert train.run(parse(*arguments)) == 0

    best = tmp_path / "run" / "best.safetensors"
    assert re.fullmatch(
        rf"Best validation -?[\d.]+ dB: {re.escape(str(best))}\n", capsys.readouterr().out
    )
    assert load_model(best).config.width == 4


def test_trains_a_larger_network_from_given_weights(tmp_path, arguments) -> None:
    train.run(parse(*arguments))
    first = tmp_path / "run" / "best.safetensors"
    change(tmp_path, "blocks: [1, 1]", "blocks: [1, 2]")
    more = ["--output", tmp_path / "more", "--start-from", first]

    assert train.run(parse(*arguments, *more)) == 0

    assert load_model(tmp_path / "more" / "best.safetensors").config.blocks == (1, 2)


@pytest.fixture
def rainy_arguments(tmp_path, arguments) -> list[object]:
    """The same, on pairs that are rainy already."""
    rendered = tmp_path / "rendered" / "training"
    rendered.mkdir(parents=True)
    for view in ("left", "right"):
        for kind in ("rain", "gt"):
            (rendered / f"{kind}_{view}").symlink_to(tmp_path / "pairs" / view)
    (tmp_path / "short.yaml").write_text(
        RECIPE.replace("clean_stereo", "rainy_stereo")
        .replace("folder: pairs,", "folder: rendered/training,")
        .replace("validate: {", "validate: {kind: rainy_stereo, ")
    )
    return arguments


def test_trains_on_pairs_that_are_rainy_already(tmp_path, rainy_arguments) -> None:
    assert train.run(parse(*rainy_arguments)) == 0

    assert (tmp_path / "run" / "log.csv").read_text().startswith("step,loss,input_psnr,output_psnr")


@pytest.mark.parametrize("number", [1, 3])
def test_views_of_two_sizes_make_no_run(number, tmp_path, rainy_arguments) -> None:
    # The last pair is validated on.
    right = tmp_path / "pairs" / "right" / f"{number}.png"
    write_rgb(right, read_rgb(right)[1:])

    message = rf"rain_left/{number}\.png is 64x48, .*rain_right/{number}\.png is 64x47"
    with pytest.raises(ImageError, match=message):
        train.run(parse(*rainy_arguments))

    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_picture_ends_it_with_one_sentence(workers, tmp_path, rainy_arguments) -> None:
    change(tmp_path, "workers: 0", f"workers: {workers}")
    for number in range(3):
        # Long enough to hold the size.
        left = tmp_path / "pairs" / "left" / f"{number}.png"
        left.write_bytes(left.read_bytes()[:1000])

    message = (
        r"Cannot read \S+/rain_left/[012]\.png as an image: its end is missing: copy it anew\."
    )
    with pytest.raises(ImageError, match=f"^{message}$"):
        train.run(parse(*rainy_arguments))


def test_every_argument_is_read() -> None:
    found = parse(
        *("tiny", "--data", "a", "--output", "c", "--device", "cuda:1"), *("--start-from", "e")
    )

    assert vars(found) == {
        "recipe": "tiny",
        "data": Path("a"),
        "output": Path("c"),
        "device": "cuda:1",
        "start_from": "e",
    }


@pytest.mark.parametrize("missing", ["--data", "--output"])
def test_folders_are_required(missing: str, capsys) -> None:
    words = {"--data": "a", "--output": "c"}
    del words[missing]

    with pytest.raises(SystemExit):
        parse("tiny", *(word for pair in words.items() for word in pair))

    assert missing in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "error", "message"),
    [
        ("--data", "nowhere", ImageError, "No folder nowhere/pairs/left: check the path"),
        ("--device", "gpu", BackendError, "No device 'gpu' here; valid: auto, cpu"),
    ],
)
def test_wrong_input_makes_no_run(tmp_path, arguments, option, value, error, message) -> None:
    with pytest.raises(error, match=message):
        train.run(parse(*arguments, option, value))

    assert not (tmp_path / "run").exists()


def test_unpaired_pictures_are_listed(tmp_path, arguments) -> None:
    (tmp_path / "pairs" / "right" / "2.png").unlink()

    with pytest.raises(ImageError, match=r"without a partner .*: .*pairs/left/2\.png"):
        train.run(parse(*arguments))


def test_a_crop_larger_than_a_picture_names_it(tmp_path, arguments) -> None:
    # Of the second stage: it is found before the first one is trained.
    stage = "{crop: [32, 48], batch_size: 1, steps: 2}"
    change(tmp_path, stage, f"{stage}, {{crop: [32, 96], batch_size: 1, steps: 2}}")

    with pytest.raises(ImageError, match=r"pairs/left/0\.png of 64x48 is smaller than the crop"):
        train.run(parse(*arguments))

    assert not (tmp_path / "run").exists()


def test_an_unknown_recipe_lists_the_shipped_ones(arguments) -> None:
    with pytest.raises(ConfigError, match=r"No recipe 'huge': give a YAML file or one of: .*tiny"):
        train.run(parse("huge", *arguments[1:]))
