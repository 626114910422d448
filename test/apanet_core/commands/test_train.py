from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from apanet_core.commands import train
from apanet_core.errors import BackendError, ConfigError, ImageError
from apanet_core.imaging.files import write_rgb
from apanet_core.network.checkpoint import load_model

RECIPE = """
name: short
network: {width: 4, blocks: [1, 1], memory_size: [2, 2], stem_fold: 4, parallax: [false, true]}
steps: 2
batch_size: 1
crop: [32, 48]
workers: 0
validation_scenes: 1
"""


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet train")
    train.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


@pytest.fixture
def arguments(tmp_path, make_scenes) -> list[object]:
    """The words of a short training on two pairs, validated on two others."""
    for number, scene in enumerate(make_scenes(4, 48, 64)):
        place = tmp_path / ("train" if number < 2 else "validate")
        for view in ("left", "right"):
            (place / view).mkdir(parents=True, exist_ok=True)
            write_rgb(place / view / f"{number}.png", getattr(scene, view))
    (tmp_path / "short.yaml").write_text(RECIPE)
    return [
        *(tmp_path / "short.yaml", "--device", "cpu", "--run", tmp_path / "run"),
        *("--train", tmp_path / "train", "--validate", tmp_path / "validate"),
    ]


def test_trains_and_says_where_the_weights_are(tmp_path, arguments, capsys) -> None:
    assert train.run(parse(*arguments)) == 0

    best = tmp_path / "run" / "best.safetensors"
    assert re.fullmatch(
        rf"Best validation -?[\d.]+ dB: {re.escape(str(best))}\n", capsys.readouterr().out
    )
    assert load_model(best).config.width == 4


def test_trains_on_single_pictures_from_given_weights(tmp_path, arguments, motorcycle) -> None:
    train.run(parse(*arguments))
    first = tmp_path / "run" / "best.safetensors"
    (tmp_path / "single").mkdir()
    write_rgb(tmp_path / "single" / "picture.png", motorcycle[0][:60, :160])
    more = ["--run", tmp_path / "more", "--single", tmp_path / "single", "--start-from", first]

    assert train.run(parse(*arguments, *more)) == 0

    assert load_model(tmp_path / "more" / "best.safetensors").config.width == 4


def test_every_argument_is_read() -> None:
    found = parse(
        *("tiny", "--train", "a", "--validate", "b", "--run", "c", "--device", "cuda:1"),
        *("--single", "d", "--start-from", "e"),
    )

    assert vars(found) == {
        "recipe": "tiny",
        "train": Path("a"),
        "validate": Path("b"),
        "run": Path("c"),
        "device": "cuda:1",
        "single": Path("d"),
        "start_from": "e",
    }


@pytest.mark.parametrize("missing", ["--train", "--validate", "--run"])
def test_folders_are_required(missing: str, capsys) -> None:
    words = {"--train": "a", "--validate": "b", "--run": "c"}
    del words[missing]

    with pytest.raises(SystemExit):
        parse("tiny", *(word for pair in words.items() for word in pair))

    assert f"required: {missing}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "error", "message"),
    [
        ("--train", "nowhere", ImageError, "No folder nowhere/left: check the path"),
        ("--validate", "nowhere", ImageError, "No folder nowhere/left: check the path"),
        ("--single", "nowhere", ImageError, "No folder nowhere: check the path"),
        ("--device", "gpu", BackendError, "No device 'gpu' here; valid: auto, cpu"),
    ],
)
def test_wrong_input_makes_no_run(tmp_path, arguments, option, value, error, message) -> None:
    with pytest.raises(error, match=message):
        train.run(parse(*arguments, option, value))

    assert not (tmp_path / "run").exists()


def test_an_unknown_recipe_lists_the_shipped_ones(arguments) -> None:
    with pytest.raises(ConfigError, match=r"No recipe 'huge': give a YAML file or one of: .*tiny"):
        train.run(parse("huge", *arguments[1:]))


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, [0]), (2, [0, 5]), (3, [0, 3, 6]), (10, list(range(10))), (99, list(range(10)))],
)
def test_evenly_spread(count: int, expected: list[int]) -> None:
    assert train.evenly_spread(list(range(10)), count) == expected
