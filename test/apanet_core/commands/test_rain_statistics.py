from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from apanet_core.commands import rain_statistics
from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.files import write_rgb
from apanet_core.rain.statistics import StreakStatistics


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    rain_statistics.add_arguments(parser)
    return parser.parse_args(arguments)


def streaks(width: float, density: float, count: int = 3) -> StreakStatistics:
    same = np.full(count, width, np.float32)
    tilt = np.linspace(-1, 1, count).astype(np.float32)
    return StreakStatistics(same, 10 * same, tilt, 2 * same, 0.5, density)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures with 24 upright streaks each, on 200x200 pixels."""
    folder = tmp_path / "streets"
    folder.mkdir()
    for number in range(3):
        view = np.full((200, 200, 3), 80, np.uint8)
        for column in range(15, 200, 25):
            for row in (20, 80, 140):
                view[row : row + 30, column : column + 2] = 120
        write_rgb(folder / f"{number}.png", view)
    return folder


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_is_the_median_over_pictures_with_its_percentiles() -> None:
    measured = [streaks(1.0, 100.0), streaks(2.0, 200.0), streaks(3.0, 300.0)]

    row = cells(rain_statistics.table_row("photos (3)", measured))

    assert row == [
        "photos (3)",
        "2.0 (1.2 to 2.8)",
        "20 (12 to 28)",
        "4 (2 to 6)",
        "1 (1 to 1)",
        "200 (120 to 280)",
        "50%",
    ]


def test_pictures_without_streaks_count_for_density_alone() -> None:
    none = StreakStatistics(*[np.empty(0, np.float32)] * 4, 1.0, 0.0)

    assert cells(rain_statistics.table_row("dry", [none]))[1:6] == ["-"] * 4 + ["0 (0 to 0)"]
    mixed = cells(rain_statistics.table_row("mixed", [none, streaks(2.0, 100.0)]))
    assert mixed[1] == "2.0 (2.0 to 2.0)"
    assert mixed[5] == "50 (10 to 90)"


def test_folders_are_measured(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rain_statistics.run(parse([str(pictures), str(pictures), "--every", "2"])) == 0

    header, rule, *rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 2
    assert len(cells(header)) == len(cells(rule)) == len(cells(rows[0])) == 7
    name, width, length, contrast, _, density, examined = cells(rows[0])
    assert (name, examined) == ("streets (2)", "100%")
    assert width.startswith(("2.", "3."))
    assert 28 <= float(length.split()[0]) <= 38
    assert float(contrast.split()[0]) == pytest.approx(38, abs=4)
    assert float(density.split()[0]) == pytest.approx(24 / 0.04, rel=0.05)


def test_wide_pictures_are_shrunk() -> None:
    view = np.zeros((100, 300, 3), np.uint8)

    assert rain_statistics.shrunk(view, 150).shape == (50, 150, 3)
    assert rain_statistics.shrunk(view, 300) is view
    assert rain_statistics.shrunk(view, 1).shape == (1, 1, 3)


def test_severities_are_rendered_and_measured(
    motorcycle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side, view in zip(("left", "right"), motorcycle[:2], strict=True):
        (tmp_path / side).mkdir()
        write_rgb(tmp_path / side / "0.png", view[100:300, 200:500])

    assert rain_statistics.run(parse(["--clean", str(tmp_path)])) == 0

    _, _, *rows = capsys.readouterr().out.splitlines()
    names = [cells(row)[0] for row in rows]
    assert names == [
        f"{name} (1)" for name in ("no rain", "drizzle", "light", "moderate", "heavy", "violent")
    ]
    densities = {cells(row)[0]: float(cells(row)[5].split()[0]) for row in rows}
    assert densities["violent (1)"] > densities["no rain (1)"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([], ConfigError, "Name a FOLDER of pictures, or --clean"),
        (["nowhere"], ImageError, "No folder nowhere"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rain_statistics.run(parse(arguments))
