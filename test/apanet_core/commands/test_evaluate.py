from __future__ import annotations

import argparse

import pytest

pytest.importorskip("onnxruntime")

from apanet_core.commands import evaluate
from apanet_core.errors import CheckpointError, ImageError
from apanet_core.evaluation.rain_removal import Quality, RainRemoval
from apanet_core.imaging.files import write_rgb


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet evaluate")
    evaluate.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


@pytest.fixture
def folder(tmp_path, make_scenes):
    for number, scene in enumerate(make_scenes(2, 40, 56)):
        for view in ("left", "right"):
            (tmp_path / view).mkdir(exist_ok=True)
            write_rgb(tmp_path / view / f"{number}.png", getattr(scene, view))
    return tmp_path


def test_prints_a_row_for_every_severity(folder, data_folder, capsys) -> None:
    model = data_folder / "small.onnx"

    assert evaluate.run(parse(model, folder, "--device", "cpu", "--seed", "3")) == 0

    first, _, *table = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{model} (ONNX Runtime ")
    assert first.endswith(" on cpu, 2 pairs, seed 3")
    names = [row.split("|")[1].strip() for row in table if row.startswith("|")]
    assert names == [
        *("severity", "---", "drizzle", "light", "moderate", "heavy", "violent", "mean")
    ]


def test_the_same_seed_prints_the_same(folder, data_folder, capsys) -> None:
    printed = []
    for seed in (3, 3, 4):
        evaluate.run(parse(data_folder / "small.onnx", folder, "--seed", seed))
        printed.append(capsys.readouterr().out.partition("\n")[2])

    assert printed[0] == printed[1] != printed[2]


def test_the_table_by_hand() -> None:
    rain = Quality(input_psnr=25.126, output_psnr=31.5, input_ssim=0.8, output_ssim=0.79996)
    found = RainRemoval({"light": rain}, mean=rain, clear_psnr=41.25)

    assert evaluate.markdown_table(found).splitlines() == [
        "| severity | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "|---|---|---|---|---|---|---|",
        "| light | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "| mean | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "",
        "Rain-free pairs come back at 41.25 dB against themselves.",
    ]


def test_wrong_input_is_refused(tmp_path, data_folder) -> None:
    with pytest.raises(CheckpointError, match=r"No weights 'none\.onnx'"):
        evaluate.run(parse("none.onnx", tmp_path))
    with pytest.raises(ImageError, match=r"No folder .*left: check the path"):
        evaluate.run(parse(data_folder / "small.onnx", tmp_path))
