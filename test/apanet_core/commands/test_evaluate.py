from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from apanet_core.commands import evaluate
from apanet_core.errors import CheckpointError, ConfigError, ImageError
from apanet_core.evaluation.cameras import CAMERAS
from apanet_core.imaging.files import read_rgb, write_rgb


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet evaluate")
    evaluate.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


@pytest.fixture
def model(data_folder) -> Path:
    return data_folder / "small.onnx"


@pytest.fixture
def pairs(tmp_path, make_scenes) -> Path:
    """Two clean pairs, `0` and `1`."""
    for number, scene in enumerate(make_scenes(2, 40, 56)):
        for view in ("left", "right"):
            save(tmp_path / "pairs" / view / f"{number}.png", getattr(scene, view))
    return tmp_path / "pairs"


@pytest.fixture
def make_pictures(tmp_path, motorcycle):
    """Write so many cuttings of the motorcycle into folders below `tmp_path/name`."""

    def make(name: str, folders: tuple[str, ...], count: int) -> Path:
        for number in range(count):
            cut = np.s_[100:140, 200 + 2 * number : 256 + 2 * number]
            for offset, folder in enumerate(folders):
                picture = np.clip(motorcycle[0][cut].astype(int) + 8 * offset, 0, 255)
                save(tmp_path / name / folder / f"{number}.png", picture.astype(np.uint8))
        return tmp_path / name

    return make


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rgb(path, picture)


def rows(printed: str) -> list[str]:
    """The first cells of all tables in it."""
    return [row.split("|")[1].strip() for row in printed.splitlines() if row.startswith("|")]


SEVERITIES = ["drizzle", "light", "moderate", "heavy", "violent"]
SEVERITY_ROWS = ["severity", "---", *SEVERITIES, "mean"]


def summary(*methods: object) -> list[str]:
    return ["method", "---", "input", *map(str, methods)]


@pytest.fixture(autouse=True)
def no_cached_alexnet(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch_home"))


def test_clean_pairs_print_a_row_for_every_severity(model, pairs, capsys) -> None:
    assert evaluate.run(parse(model, pairs, "--device", "cpu", "--seed", "3")) == 0

    printed = capsys.readouterr().out
    first, empty, *_ = printed.splitlines()
    assert first.startswith(f"{model} (ONNX Runtime ")
    assert first.endswith(" on cpu, 2 pairs, seed 3")
    assert empty == ""
    assert rows(printed) == [*summary(model), *SEVERITY_ROWS]
    assert "inf" not in printed
    assert "LPIPS is empty: " in printed


def test_stereo_adds_a_table(model, pairs, capsys) -> None:
    evaluate.run(parse(model, pairs, "--stereo"))

    assert rows(capsys.readouterr().out) == [*summary(model), *SEVERITY_ROWS, *SEVERITY_ROWS]


def test_the_same_seed_prints_the_same(model, pairs, capsys) -> None:
    printed = []
    for seed in (3, 3, 4):
        evaluate.run(parse(model, pairs, "--seed", seed))
        printed.append(capsys.readouterr().out.partition("\n")[2])

    assert printed[0] == printed[1] != printed[2]


def test_rainy_pictures_print_one_row(model, make_pictures, capsys) -> None:
    folder = make_pictures("single", ("rain", "gt"), 3)

    evaluate.run(parse(model, folder))

    printed = capsys.readouterr().out
    assert printed.splitlines()[0].endswith(", 3 pictures as both views")
    assert rows(printed) == [*summary(model), "weather", "---", "rain"]
    # Eight levels brighter, except where that is too bright: 20 log10 255 / 8 is 30.07.
    last = [line for line in printed.splitlines() if line.startswith("|")][-1]
    assert 30.0 < float(last.split("|")[2]) < 31.5


def test_rainy_pairs_print_one_row_and_one_of_their_fit(model, make_pictures, capsys) -> None:
    folder = make_pictures("stereo", ("rain_left", "rain_right", "gt_left", "gt_right"), 2)

    evaluate.run(parse(model, folder, "--stereo"))

    printed = capsys.readouterr().out
    assert printed.splitlines()[0].endswith(", 2 rainy pairs")
    assert rows(printed) == [*summary(model), *["weather", "---", "rain"] * 2]


def test_a_video_prints_its_flicker(model, make_pictures, capsys) -> None:
    folder = make_pictures("video", (".",), 3)

    evaluate.run(parse(model, folder, "--video"))

    printed = capsys.readouterr().out
    assert printed.splitlines()[0].endswith(", 3 frames as both views")
    assert rows(printed) == ["frames", "---", "3"]


def test_pictures_are_written_side_by_side(model, make_pictures, tmp_path, capsys) -> None:
    folder = make_pictures("photos", (".",), 5)
    look = tmp_path / "look"

    evaluate.run(parse(model, folder, "--pictures", look, "--every", 2))

    assert sorted(path.name for path in look.iterdir()) == [f"{n}_rain.jpg" for n in (0, 2, 4)]
    printed = capsys.readouterr().out
    assert printed.endswith(f", 3 pictures as both views; 3 side by side in {look}\n")
    assert "|" not in printed


@pytest.mark.parametrize(
    ("folders", "options", "written"),
    [
        (("rain", "gt"), [], {"0_rain.jpg", "2_rain.jpg"}),
        (("rain_left", "rain_right", "gt_left", "gt_right"), [], {"0_rain.jpg", "2_rain.jpg"}),
        ((".",), ["--video"], {"0_rain.jpg", "2_rain.jpg"}),
    ],
)
def test_pictures_come_beside_figures(
    model, make_pictures, tmp_path, capsys, folders, options, written
) -> None:
    folder = make_pictures("measured", folders, 3)
    look = tmp_path / "look"

    evaluate.run(parse(model, folder, *options, "--pictures", look, "--every", 2))

    assert {path.name for path in look.iterdir()} == written
    assert f"; 2 side by side in {look}\n\n|" in capsys.readouterr().out


def test_pictures_of_clean_pairs_are_named_after_the_severity(model, pairs, tmp_path) -> None:
    look = tmp_path / "look"

    evaluate.run(parse(model, pairs, "--pictures", look))

    assert {path.name for path in look.iterdir()} == {
        f"0_{severity}.jpg" for severity in SEVERITIES
    }


def test_wrong_input_is_refused(model, tmp_path, pairs) -> None:
    with pytest.raises(CheckpointError, match=r"No weights 'none\.onnx'"):
        evaluate.run(parse("none.onnx", pairs))
    with pytest.raises(ImageError, match=r"No folder nowhere: check the path"):
        evaluate.run(parse(model, "nowhere"))
    (tmp_path / "half" / "left").mkdir(parents=True)
    save(tmp_path / "half" / "left" / "1.png", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(ImageError, match=r"No folder .*half/right: check the path"):
        evaluate.run(parse(model, tmp_path / "half"))


@pytest.mark.parametrize(
    ("folders", "options", "message"),
    [
        ((".",), [], "pictures without clean ones: give --video to measure their flicker, or"),
        ((".",), ["--video", "--stereo"], "--stereo needs pairs: a folder with left/ right/"),
        (("rain", "gt"), ["--stereo"], "--stereo needs pairs: a folder with left/ right/"),
        (("left", "right"), ["--video"], "--video needs a folder of frames"),
        (("rain", "gt"), ["--tiled", "--protocol", "whole"], "exclude each other: give one"),
        ((".",), ["--video", "--report", "out"], "--report needs clean pictures, and"),
        (
            (".",),
            ["--cameras"],
            "left/ right/ (clean pairs) or rain/ gt/, or add --clean",
        ),
        ((".",), ["--cameras", "grey"], "--cameras needs clean pictures, and"),
        (("rain", "gt"), ["--other-view"], "--other-view renders rain on clean pairs, and"),
        (("rain", "gt"), ["--lens-drops"], "holds none: give a folder with left/ right/."),
        ((".",), ["--clean", "--lens-drops"], "--lens-drops renders rain on clean pairs, and"),
        (("rain", "gt"), ["--clean"], "--clean is for a folder of pictures alone: leave it out."),
        ((".",), ["--clean", "--video"], "--video needs a folder of frames"),
        (
            ("left", "right"),
            ["--cameras", "gray"],
            "No camera 'gray': --cameras takes colour,",
        ),
    ],
)
def test_options_that_do_not_fit_the_folder_are_refused(
    make_pictures, folders, options, message
) -> None:
    folder = make_pictures("folder", folders, 1)

    with pytest.raises(ConfigError, match=re.escape(message)):
        evaluate.run(parse("not-even-loaded", folder, *options))


@pytest.fixture
def small_pair(data_folder, tmp_path) -> tuple[Path, Path]:
    """One exported network by two paths, which are two rows of a table."""
    (tmp_path / "again.onnx").write_bytes((data_folder / "small.onnx").read_bytes())
    return data_folder / "small.onnx", tmp_path / "again.onnx"


def test_several_models_and_baselines_share_one_table(small_pair, pairs, capsys) -> None:
    evaluate.run(parse(*small_pair, pairs, "--baselines", "--limit", 1))

    printed = capsys.readouterr().out
    assert rows(printed) == [
        *summary(*small_pair, "median", "bilateral", "guided"),
        *SEVERITY_ROWS,
        *SEVERITY_ROWS,
    ]
    one, two = (line.split("|")[2:] for line in printed.splitlines()[5:7])
    assert one == two
    assert ", 1 pairs, seed 2025" in printed
    assert f"\n\n{small_pair[1]}:\n\n| severity" in printed


def test_a_report_holds_page_and_figures(model, make_pictures, tmp_path, capsys) -> None:
    pytest.importorskip("matplotlib")
    folder = make_pictures("stereo", ("rain_left", "rain_right", "gt_left", "gt_right"), 2)
    out = tmp_path / "made" / "out"

    evaluate.run(parse(model, folder, "--baselines", "--report", out))

    assert capsys.readouterr().out.endswith(f"The report is {out / 'report.html'}.\n")
    figures = (out / "figures.csv").read_text().splitlines()
    assert len(figures) == 1 + 5 * 2 * 2
    assert "2 rainy pairs; pictures derained whole." in (out / "report.html").read_text()
    with pytest.raises(ConfigError, match="exists; give another output, or --force"):
        evaluate.run(parse("not-even-loaded", folder, "--report", out))


def test_a_damaged_picture_is_named_and_leaves_no_report(model, make_pictures, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    folder = make_pictures("single", ("rain", "gt"), 3)
    (folder / "gt" / "2.png").write_bytes(b"half")

    with pytest.raises(ImageError, match=r"Cannot read .*single/gt/2\.png as an image"):
        evaluate.run(parse(model, folder, "--report", tmp_path / "out"))

    assert not (tmp_path / "out").exists()


def test_lpips_is_measured_where_the_file_is_given(
    make_pictures, data_folder, tmp_path, capsys
) -> None:
    torch = pytest.importorskip("torch")
    from apanet_core.metrics.lpips.trunks import alexnet

    state = alexnet().state_dict()
    path = tmp_path / "alexnet.pth"
    torch.save({name.replace("layers", "features"): state[name] for name in state}, path)
    folder = make_pictures("single", ("rain", "gt"), 1)

    evaluate.run(parse(data_folder / "small.onnx", folder, "--lpips", path))

    printed = capsys.readouterr().out
    assert "LPIPS by AlexNet, alexnet.pth sha256:" in printed
    assert "| LPIPS in | LPIPS out | gain |" in printed
    with pytest.raises(CheckpointError, match=r"No LPIPS weights 'none\.pth'"):
        evaluate.run(parse(data_folder / "small.onnx", folder, "--lpips", "none.pth"))


def test_several_methods_share_a_picture_and_have_their_own_flicker(
    small_pair, make_pictures, tmp_path, capsys
) -> None:
    folder = make_pictures("video", (".",), 2)

    evaluate.run(parse(*small_pair, folder, "--video"))
    assert rows(capsys.readouterr().out) == ["frames", "---", "2"] * 2

    evaluate.run(parse(*small_pair, folder, "--pictures", tmp_path / "look", "--every", 1))
    # Rainy and two derained ones, 56 pixels each and six between.
    assert read_rgb(tmp_path / "look" / "0_rain.jpg").shape == (40, 3 * 56 + 2 * 6, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--report", "val"], "val is the input"),
        (["--report", "."], "holds the input"),
        (["--pictures", "val/left"], "left lies in the input"),
        (["--report", "precious"], "precious holds thesis.txt, which the new output does not"),
    ],
)
def test_force_destroys_neither_input_nor_anything_else(
    make_pictures, tmp_path, monkeypatch, options, message
) -> None:
    pytest.importorskip("matplotlib")
    make_pictures("val", ("left", "right"), 1)
    monkeypatch.chdir(tmp_path)
    Path("precious").mkdir()
    Path("precious/thesis.txt").write_text("years")

    with pytest.raises(ConfigError, match=re.escape(message)):
        evaluate.run(parse("not-even-loaded", "val", *options, "--force"))


def test_the_table_is_printed_also_where_the_report_cannot_be_written(
    model, make_pictures, tmp_path, capsys, monkeypatch
) -> None:
    pytest.importorskip("matplotlib")
    from apanet_core.evaluation import report

    folder = make_pictures("single", ("rain", "gt"), 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "write_json", full)
    with pytest.raises(OSError, match="No space left"):
        evaluate.run(parse(model, folder, "--report", tmp_path / "out"))

    printed = capsys.readouterr().out
    assert rows(printed)
    assert "The report is" not in printed
    assert not (tmp_path / "out").exists()


OTHER_VIEWS = ["true", "copy", "unrelated", "dry", "drier", "wetter", "fogged", "noise"]
OTHER_VIEWS += ["black", "grey", "white", "rows apart"]


def test_more_tables_are_printed_and_reported(model, pairs, tmp_path, capsys) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    more = ["--cameras", "grey", "noise", "--other-view", "--lens-drops", "--baselines"]

    evaluate.run(parse(model, pairs, "--limit", 1, "--report", out, *more))

    printed = capsys.readouterr().out
    cameras = ["camera", "---", "grey", "noise", "mean"]
    assert rows(printed)[len([*summary(*"1234"), *SEVERITY_ROWS]) :] == [
        *cameras * 4,
        *("right view", "---", *OTHER_VIEWS),
        *("severity", "---", *SEVERITIES, "all") * 4,
    ]
    assert f"Kinds of cameras, {model}:\n\n| camera | PSNR in |" in printed
    assert "\n\nWorst kind: " in printed
    assert f"Other views, {model}:" in printed
    assert "Other views, median:" not in printed
    assert "Inside lens drops, median:" in printed
    page = (out / "report.html").read_text("utf-8")
    figures = json.loads((out / "figures.json").read_text("utf-8"))
    for title in ("Kinds of cameras", "Other views", "Inside drops on the lens"):
        assert f">{title}</h2>" in page
    assert {row["camera"] for row in figures["cameras"]} == {"grey", "noise"}
    assert len(figures["other_views"]) == 5 * len(OTHER_VIEWS)
    assert {row["view"] for row in figures["lens_drops"]} == {"left", "right"}


def test_all_cameras_are_measured_where_none_is_named(model, make_pictures, capsys) -> None:
    folder = make_pictures("clean", (".",), 1)

    evaluate.run(parse(model, folder, "--clean", "--cameras"))

    printed = capsys.readouterr().out
    assert printed.splitlines()[0].endswith(", 1 clean pictures as both views, seed 2025")
    assert rows(printed)[-len(CAMERAS) - 1 :] == [*CAMERAS, "mean"]


def test_cameras_show_given_rain_as_well(model, make_pictures, capsys) -> None:
    folder = make_pictures("single", ("rain", "gt"), 2)

    evaluate.run(parse(model, folder, "--cameras", "low-contrast"))

    *_, row, _, remark = capsys.readouterr().out.splitlines()
    cells = [cell.strip() for cell in row.split("|")]
    # Half of the eight levels that the pictures are brighter, and no dry ones.
    assert cells[1] == "low-contrast"
    assert 36.0 < float(cells[2]) < 37.5
    assert cells[8] == "–"
    assert "Dry pictures" not in remark


def test_what_came_out_worse_is_named(model, make_pictures, capsys) -> None:
    folder = make_pictures("single", ("rain", "gt"), 12)

    evaluate.run(parse(model, folder, "--baselines"))

    printed = capsys.readouterr().out
    named = [line for line in printed.splitlines() if line.startswith("- ")]
    count = re.search(rf"{re.escape(str(model))}: (\d+) of 12 pictures came out worse", printed)
    assert count is not None
    # The network of the test knows nothing and spoils every picture.
    assert int(count[1]) == 12
    assert len(named) == 11
    assert re.fullmatch(r"- \d+, rain, -\d+\.\d\d dB: (tone|texture|streaks)", named[0])
    assert named[-1] == "- and 2 more, which --report lists"
    assert re.search(r"^median: \d+ of 12 pictures came out worse", printed, re.MULTILINE)


def test_a_network_that_does_not_separate_the_veil_refuses_less_removal(model, pairs) -> None:
    with pytest.raises(
        ConfigError, match=r"veil_removal 0\.5 needs weights that separate the veil"
    ):
        evaluate.run(parse(model, pairs, "--veil-removal", 0.5))


def test_no_more_than_all_of_the_veil_is_removed(model, pairs, capsys) -> None:
    with pytest.raises(SystemExit):
        parse(model, pairs, "--veil-removal", 1.5)

    assert "--veil-removal: takes a number from 0 to 1, got 1.5" in capsys.readouterr().err


WITHOUT_TORCH = """
import argparse, sys
sys.modules["torch"] = None
from apanet_core.commands import evaluate
parser = argparse.ArgumentParser()
evaluate.add_arguments(parser)
evaluate.run(parser.parse_args())
"""


@pytest.mark.parametrize(
    ("folders", "options"),
    [(("left", "right"), ["--other-view", "--lens-drops"]), ((".",), ["--clean"])],
)
def test_an_exported_network_is_measured_without_torch(
    model, make_pictures, folders, options
) -> None:
    folder = make_pictures("clean", folders, 1)
    words = [model, folder, *options, "--cameras", "grey"]

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert rows(done.stdout)[:3] == ["method", "---", "input"]
