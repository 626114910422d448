from __future__ import annotations

import argparse
import csv
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("onnxruntime")

from apanet_core.commands import downstream
from apanet_core.downstream import report_folder
from apanet_core.errors import CheckpointError, ConfigError, ImageError
from apanet_core.imaging.files import read_rgb, write_rgb

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
VALIDATION = SHARED / "stereo_clean" / "val"
SEQUENCE = SHARED / "stereo_sequence_gray"


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet downstream")
    downstream.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


@pytest.fixture(scope="module")
def model(data_folder) -> Path:
    """A network that is no good and takes no time."""
    return data_folder / "small.onnx"


@pytest.fixture
def make_pairs(tmp_path, motorcycle):
    """Write two cuttings of the motorcycle into folders, the right view into those named so."""

    def make(name: str, folders: tuple[str, ...]) -> Path:
        for number in range(2):
            cut = np.s_[100 + 100 * number : 250 + 100 * number, 300:500]
            for folder in folders:
                (tmp_path / name / folder).mkdir(parents=True, exist_ok=True)
                view = motorcycle[folder.endswith("right")][cut]
                wet = view // 2 + 60 if folder.startswith("rain") else view
                write_rgb(tmp_path / name / folder / f"{number}.png", wet)
        return tmp_path / name

    return make


@pytest.fixture
def pairs(make_pairs) -> Path:
    return make_pairs("pairs", ("left", "right"))


def figures(folder: Path) -> dict[str, dict[str, float]]:
    """Means of each figure by condition."""
    summary = json.loads((folder / "results.json").read_text())["summary"]
    return {row["figure"]: row["means"] for row in summary}


def test_clean_pairs_are_rained_on_and_compared(model, pairs, tmp_path, capsys) -> None:
    out = tmp_path / "out"

    assert downstream.run(parse(model, pairs, "-o", out, "--seed", 3)) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("| figure ")
    assert f"- pairs: {pairs}, 2 pairs\n- rain: rendered, heavy, seed 3, weather of its" in printed
    assert "- commit: " in printed
    assert printed.endswith(f"wrote {out / 'report.html'}\n")
    table = printed.partition("\n\nwrote ")[0]
    assert table in (out / "report.md").read_text()
    with (out / "pairs.csv").open() as lines:
        assert [line["condition"] for line in csv.DictReader(lines)] == [
            "rainy", "small", "clean"
        ] * 2  # fmt: skip


def test_the_same_seed_gives_the_same_figures(model, pairs, tmp_path) -> None:
    for number, seed in enumerate((3, 3, 4)):
        options = "--seed", seed, "--pairs", 1
        downstream.run(parse(model, pairs, "-o", tmp_path / str(number), *options))

    first, second, other = (
        (tmp_path / str(number) / "pairs.csv").read_text() for number in range(3)
    )
    assert first == second != other
    assert first.count("\n") == 1 + 3


def test_recorded_rain_is_compared_as_it_is(model, make_pairs, tmp_path, capsys) -> None:
    folder = make_pairs("recorded", ("rain_left", "rain_right", "gt_left", "gt_right"))

    downstream.run(parse(model, folder, "-o", tmp_path / "out"))

    assert "- rain: as recorded" in capsys.readouterr().out
    # Half as bright, and so half the gradient.
    assert figures(tmp_path / "out")["texture"]["rainy"] == pytest.approx(0.5, abs=0.03)


def test_true_disparities_are_the_reference(model, pairs, motorcycle, tmp_path) -> None:
    (pairs / "disparity").mkdir()
    np.save(pairs / "disparity" / "1.npy", motorcycle[2][200:350, 300:500])

    downstream.run(parse(model, pairs, "-o", tmp_path / "out"))

    text = (tmp_path / "out" / "report.md").read_text()
    assert "bad-3px, % against the truth" in text
    assert "bad-3px, % against clean" in text
    assert "The true disparity is the reference of 1 pair." in text


def test_several_models_stand_side_by_side(model, pairs, tmp_path, capsys) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(model.read_bytes())

    downstream.run(parse(model, other, pairs, "-o", tmp_path / "out", "--pairs", 1))

    first = capsys.readouterr().out.splitlines()[0]
    titles = [title.strip() for title in first.split("|")[3:-1]]
    assert titles == [
        "rainy",
        "small",
        "other",
        "clean",
        "small against rain",
        "other against rain",
    ]


def test_the_shipped_network_beats_the_rain_on_the_motorcycle(tmp_path, capsys) -> None:
    """Against the true disparity, which no network has seen."""
    pytest.importorskip("torch")
    pytest.importorskip("skimage")

    downstream.run(parse("tiny", "motorcycle", "-o", tmp_path / "out", "--device", "cpu"))

    found = figures(tmp_path / "out")
    for figure in ("bad", "wrong", "end_point_px"):
        assert found[figure]["clean"] < found[figure]["tiny"] < found[figure]["rainy"], figure
    assert found["bad"]["tiny"] < found["bad"]["rainy"] - 0.05
    assert found["correct"]["tiny"] > found["correct"]["rainy"]
    assert "bad-3px, % against the truth" in capsys.readouterr().out


@pytest.mark.skipif(not VALIDATION.is_dir(), reason=f"the road scenes are not here: {VALIDATION}")
def test_the_shipped_network_helps_on_a_road(tmp_path) -> None:
    pytest.importorskip("torch")

    options = "--pairs", 1, "--device", "cpu"
    downstream.run(parse("tiny", VALIDATION, "-o", tmp_path / "out", *options))

    found = figures(tmp_path / "out")
    assert found["bad"]["clean"] == 0
    assert found["bad"]["tiny"] < found["bad"]["rainy"]
    assert found["correct"]["tiny"] > found["correct"]["rainy"]


@pytest.mark.skipif(not SEQUENCE.is_dir(), reason=f"the grey drive is not here: {SEQUENCE}")
def test_a_drive_is_followed(model, tmp_path, capsys) -> None:
    for path in sorted(SEQUENCE.glob("*/*"))[:6] + sorted(SEQUENCE.glob("right/*"))[:6]:
        half = cv2.resize(read_rgb(path), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        (tmp_path / "drive" / path.parent.name).mkdir(parents=True, exist_ok=True)
        write_rgb(tmp_path / "drive" / path.parent.name / path.name, half)

    options = "--sequence", "--focal-px", 360.8, "--center", 304.6, 86.2
    downstream.run(parse(model, tmp_path / "drive", "-o", tmp_path / "out", *options))

    printed = capsys.readouterr().out
    assert "6 consecutive pairs" in printed
    assert "one weather that runs on" in printed
    found = figures(tmp_path / "out")
    assert found["lost"]["clean"] == 0
    assert 0 < found["translation"]["rainy"] < 0.05
    assert found["flicker"]["clean"] < found["flicker"]["rainy"]
    poses = np.loadtxt(tmp_path / "out" / "poses" / "clean.txt").reshape(-1, 3, 4)
    # KITTI's car goes about 12 m/s, ten pairs a second.
    assert 5 < poses[-1, 2, 3] < 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--severity", "wet"], "Unknown severity 'wet'; valid: drizzle"),
        (["--poses", "05.txt"], "--poses is the trajectory of a sequence: give --sequence"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_read(tmp_path, options, message) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        downstream.run(parse("no-model", "nowhere", "-o", tmp_path / "out", *options))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rate", "0"], "argument --rate: takes a number from 0.01 to 1000, got 0"),
        (["--focal-px", "-1"], "argument --focal-px: takes a number from 10 to 10000, got -1"),
        (["--baseline-m", "540"], "argument --baseline-m: takes a number from 0.001 to 5, got 540"),
        (["--center", "5", "x"], "argument --center: takes a number from -10000 to 10000, got x"),
        (
            ["--largest-disparity", "nan"],
            "argument --largest-disparity: takes a number from 1 to 10000, got nan",
        ),
    ],
)
def test_numbers_out_of_bounds_are_refused(options, message, capsys) -> None:
    with pytest.raises(SystemExit):
        parse("no-model", "nowhere", "-o", "out", *options)
    assert message in capsys.readouterr().err


def test_wrong_input_is_refused_and_leaves_nothing(model, pairs, tmp_path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ImageError, match=r"No folder nowhere: check the path"):
        downstream.run(parse(model, "nowhere", "-o", out))
    with pytest.raises(CheckpointError, match=r"No weights 'none\.onnx'"):
        downstream.run(parse("none.onnx", pairs, "-o", out))
    with pytest.raises(ImageError, match=r"moves 0\.\d m over these 2 pairs, and drift needs 5 m"):
        downstream.run(parse(model, pairs, "-o", out, "--sequence"))
    with pytest.raises(ImageError, match=r"needs two pairs at least, and this is 1"):
        downstream.run(parse(model, pairs, "-o", out, "--sequence", "--pairs", 1))
    with pytest.raises(ConfigError, match="small would name two columns of the table: rename"):
        downstream.run(parse(model, model, pairs, "-o", out))
    (pairs / "right" / "1.png").write_bytes(b"damaged")
    with pytest.raises(ImageError, match=r"Cannot read .*right/1\.png as an image"):
        downstream.run(parse(model, pairs, "-o", out))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs"]


def test_an_existing_output_is_refused_at_once(tmp_path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(ConfigError, match=r"out exists; give another output, or --force"):
        downstream.run(parse("no-model", "nowhere", "-o", tmp_path / "out"))


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("pairs", "pairs is the input"),
        (".", "holds the input"),
        ("pairs/left/out", "out lies in the input"),
        ("precious", "precious holds thesis.txt, which the new output does not: move it away"),
    ],
)
def test_force_destroys_neither_input_nor_anything_else(pairs, tmp_path, out, message) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/thesis.txt").write_text("years")

    with pytest.raises(ConfigError, match=re.escape(message)):
        downstream.run(parse("not-even-loaded", pairs, "-o", tmp_path / out, "--force"))


def test_the_table_is_printed_also_where_the_report_cannot_be_written(
    model, pairs, tmp_path, capsys, monkeypatch
) -> None:
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_folder, "pairs_csv", full)
    with pytest.raises(OSError, match="No space left"):
        downstream.run(parse(model, pairs, "-o", tmp_path / "out", "--pairs", 1))

    printed = capsys.readouterr().out
    assert printed.startswith("| figure ")
    assert "wrote" not in printed
    assert not (tmp_path / "out").exists()
