"""`apanet check-bag` from the command line: what it prints, writes and returns."""

from __future__ import annotations

import re

import numpy as np
import pytest
import yaml

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.imaging.files import read_rgb
from apanet_ros.cli import main
from apanet_ros.parameters import NodeOptions


def check(*words) -> int:
    return main(["check-bag", *map(str, words)])


def test_a_fit_bag_is_shown_with_its_launch_line(record, capsys):
    assert check(record()) == 0

    said = capsys.readouterr().out
    assert "6 of 6 possible" in said
    assert "10.00 Hz" in said
    assert re.search(r"without a partner +0 +0\n", said)
    assert "to 0 ms       6  ####" in said
    assert "ros2 launch apanet_ros derain.launch.py namespace:=/stereo params_file:=" in said
    assert "is fit for deraining" in said


def test_plot_page_and_parameters_are_written(tmp_path, record, capsys):
    pytest.importorskip("matplotlib")
    plot, page, params = (tmp_path / name for name in ("stamps.png", "page.html", "params.yaml"))
    late = (lambda n: 10**18 + n * 10**8, lambda n: 10**18 + n * 10**8 + 20_000_000)

    bag = record(stamps=late)
    assert check(bag, "--plot", plot, "--html", page, "--params", params) == 0

    assert np.ptp(read_rgb(plot)) > 200
    html = page.read_text()
    assert "bag: fit for deraining" in html
    assert "right_time_offset_ms" in html
    assert html.count("<img") == 3  # The plot and both views.
    values = yaml.safe_load(params.read_text())["/**"]["ros__parameters"]
    assert NodeOptions(**values).right_time_offset_ms == -20.0
    assert f"params_file:={params}" in capsys.readouterr().out


def test_an_unfit_bag_returns_1_with_the_reason(tmp_path, record, capsys):
    bag = record(damaged=frozenset(range(6)))

    assert check(bag, "--params", tmp_path / "params.yaml") == 1

    said = capsys.readouterr().out
    assert f"{bag} is not fit for deraining:\n  - No image of /stereo/right/image_rect can" in said
    assert "ros2 launch" not in said
    assert not (tmp_path / "params.yaml").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"counts": (6, 0)}, "/stereo/right/image_rect holds no image"),
        ({"counts": (0, 0)}, "/stereo/left/image_rect holds no image"),
        ({"names": ("/front/image", "/rear/image")}, "No left and right image topic found"),
    ],
)
def test_a_bag_without_two_cameras_returns_1(record, capsys, options, reason):
    assert check(record(**options)) == 1

    assert f"is not fit for deraining:\n  - {reason}" in capsys.readouterr().out


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_a_half_written_bag_returns_2(record, capsys, storage):
    bag = record(storage=storage)
    (file,) = (path for path in bag.iterdir() if path.suffix != ".yaml")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    assert check(bag) == 2
    assert f"apanet: error: {bag} cannot be read" in capsys.readouterr().err


def test_an_unfinished_bag_is_checked_so_far(record, caplog):
    bag = record()
    (bag / "metadata.yaml").unlink()

    assert check(bag) == 0
    assert "has no metadata.yaml, so its recording was never finished" in caplog.text


def test_a_plot_of_another_ending_is_refused(record, capsys):
    assert check(record(), "--plot", "plot.xyz") == 2
    assert "plot.xyz is no name of a plot; it ends in .png, .svg, .pdf" in capsys.readouterr().err


def test_existing_files_are_kept(tmp_path, record, capsys):
    (tmp_path / "plot.png").write_text("old")

    assert check(record(), "--plot", tmp_path / "plot.png") == 2
    assert "plot.png exists; give another output, or --force" in capsys.readouterr().err
