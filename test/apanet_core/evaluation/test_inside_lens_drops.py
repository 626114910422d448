from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.inside_lens_drops import (
    LensDropRecord,
    compare_inside_lens_drops,
    hidden_share,
    lens_drop_remark,
    lens_drop_table,
    measure_inside_lens_drops,
    region_psnr,
)
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.trials import RenderedRain


def record(method: str, weather: str, inside: int, error: float) -> LensDropRecord:
    """A view of 1000 pixels whose squared error is this inside, and 4 a pixel outside."""
    errors = (inside * error, (1000 - inside) * 4.0)
    return LensDropRecord(method, "road", weather, "left", inside, 1000 - inside, *errors)


ROWS = [
    record("input", "light", 0, 0),
    record("net", "light", 0, 0),
    record("input", "heavy", 10, 400),
    record("input", "heavy", 30, 800),
    record("net", "heavy", 10, 100),
    record("net", "heavy", 30, 100),
]


def decibel(squared_error: float) -> float:
    return 10 * math.log10(255**2 / squared_error)


def test_all_pixels_of_a_region_count_alike() -> None:
    before = [row for row in ROWS if (row.method, row.weather) == ("input", "heavy")]

    assert region_psnr(before, "inside") == pytest.approx(
        decibel(700)
    )  # (10 * 400 + 30 * 800) / 40
    assert region_psnr(before, "outside") == pytest.approx(decibel(4))
    assert hidden_share(before) == 0.02


def test_a_region_without_pixels_has_no_figure_and_one_without_error_60_db() -> None:
    assert math.isnan(region_psnr(ROWS[:1], "inside"))
    assert region_psnr([record("net", "heavy", 10, 0)], "inside") == 60


def test_the_table_by_hand() -> None:
    table = lens_drop_table(ROWS, "net")

    assert table.rows == [
        ("light", "0.00%", "–", "–", "–", "42.11", "42.11", "+0.00"),
        ("heavy", "2.00%", "19.68", "28.13", "+8.45", "42.11", "42.11", "+0.00"),
        ("all", "1.33%", "19.68", "28.13", "+8.45", "42.11", "42.11", "+0.00"),
    ]
    assert lens_drop_remark(ROWS) == "2 of 3 views have drops on their lens."


def test_a_method_that_knows_the_truth_where_drops_are_gains_there_alone(make_scenes) -> None:
    # Among these drops of a drizzle to a violent rain some hide enough.
    trials = RenderedRain(make_scenes(2, 160, 320), seed=5)
    truth = {}
    for index in range(len(trials)):
        scene = trials.rainy_scene(index)
        views = (scene.left, scene.right)
        truth[scene.left.rainy.tobytes()] = tuple(
            np.where(view.on_lens[..., None] >= 0.5, view.clean, view.rainy) for view in views
        )
    wiper = Method("wiper", lambda left, _: truth[left.tobytes()])

    records = compare_inside_lens_drops([wiper], trials)
    before, after = ([row for row in records if row.method == name] for name in ("input", "wiper"))

    assert len(before) == len(after) == 2 * 5 * 2
    assert any(row.inside for row in before)
    assert region_psnr(after, "inside") == 60 > region_psnr(before, "inside") + 20
    assert region_psnr(after, "outside") == region_psnr(before, "outside")


def test_the_section_holds_a_table_a_method(rendered) -> None:
    methods = [Method(name, lambda left, right: (left, right)) for name in ("one", "two")]

    section = measure_inside_lens_drops(methods, rendered)

    assert [part.caption for part in section.parts] == [
        "Inside lens drops, one",
        "Inside lens drops, two",
    ]
    assert [row[0] for row in section.parts[0].table.rows] == [*rendered_severities(), "all"]
    # Two scenes, five severities, two views, and the input beside both methods.
    assert len(section.figures) == 2 * 5 * 2 * 3


def rendered_severities() -> list[str]:
    return ["drizzle", "light", "moderate", "heavy", "violent"]
