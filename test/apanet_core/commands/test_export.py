from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from apanet_core.commands import export
from apanet_core.errors import ApanetError, CheckpointError


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet export")
    export.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


def test_says_how_well_it_agrees_and_what_it_wrote(exported) -> None:
    *differences, last = exported.printed.splitlines()

    sizes = ["64 x 32", "32 x 64", "160 x 96", "352 x 160"]
    for line, size in zip(differences, sizes, strict=True):
        assert re.fullmatch(
            rf"{size}: differs from torch by \d\.\de-\d\d at most, allowed is 1e-04", line
        )
    assert last == f"Wrote {exported.onnx}."
    assert exported.onnx.stat().st_size > 10_000
    assert sorted(path.name for path in exported.onnx.parent.iterdir()) == [
        "small.onnx",
        "small.safetensors",
    ]


def test_arguments_are_read() -> None:
    assert vars(parse("tiny", "--output", "a/b.onnx")) == {
        "model": "tiny",
        "output": Path("a/b.onnx"),
        "opset": 20,
        "precision": "float32",
    }


def test_an_output_is_required(capsys) -> None:
    with pytest.raises(SystemExit):
        parse("tiny")

    assert "required: -o/--output" in capsys.readouterr().err


def test_the_output_must_be_named_as_what_it_is(exported, tmp_path) -> None:
    with pytest.raises(ApanetError, match=r"network\.bin must end in \.onnx"):
        export.run(parse(exported.weights, "-o", tmp_path / "network.bin"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--opset", "17"], "No export in opset 17; valid: 20, 23"),
        (["--precision", "int8"], "No export in precision int8; valid: float32, float16"),
    ],
)
def test_what_cannot_be_written_lists_what_can(exported, tmp_path, words, message: str) -> None:
    with pytest.raises(ApanetError, match=message):
        export.run(parse(exported.weights, "-o", tmp_path / "network.onnx", *words))

    assert list(tmp_path.iterdir()) == []


def test_unknown_weights_are_named(tmp_path) -> None:
    with pytest.raises(CheckpointError, match="No weights 'huge'"):
        export.run(parse("huge", "-o", tmp_path / "network.onnx"))


def test_an_exported_network_is_not_exported_again(exported, tmp_path) -> None:
    with pytest.raises(CheckpointError, match=r"its ending is '\.onnx'; APANet weights end in"):
        export.run(parse(exported.onnx, "-o", tmp_path / "network.onnx"))


def test_a_missing_folder_is_named(exported, tmp_path) -> None:
    with pytest.raises(ApanetError, match=r"No folder .*nowhere: make it first"):
        export.run(parse(exported.weights, "-o", tmp_path / "nowhere" / "network.onnx"))
