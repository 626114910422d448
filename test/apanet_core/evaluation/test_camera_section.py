from __future__ import annotations

import math

from apanet_core.evaluation.camera_comparison import CameraRecord, CameraSummary
from apanet_core.evaluation.camera_section import camera_remark, camera_table, measure_cameras
from apanet_core.evaluation.cameras import choose_cameras
from apanet_core.evaluation.method import Method


def summary(camera: str, output: float, dry: float, farthest: float) -> CameraSummary:
    worst = CameraRecord("net", camera, "um_7", "drizzle", 35.0, 34.5, 0.0)
    return CameraSummary(camera, 25.0, output, -0.25, farthest, "heavy", dry, worst)


ROWS = [summary("grey", 33.5, 48.0, -2.0), summary("cold", 30.5, 46.5, 3.25)]


def test_a_row_a_kind_and_their_mean() -> None:
    least = ("-0.50", "um_7, drizzle")

    table = camera_table(ROWS)

    assert table.rows == [
        ("grey", "25.00", "33.50", "+8.50", "-0.2", "-2.0", "heavy", "48.00", *least),
        ("cold", "25.00", "30.50", "+5.50", "-0.2", "+3.2", "heavy", "46.50", *least),
        ("mean", "25.00", "32.00", "+7.00", "–", "–", "–", "47.25", "–", "–"),
    ]
    assert len(table.header) == len(table.rows[0])
    assert len(camera_table(ROWS[:1]).rows) == 1


def test_the_remark_names_the_worst() -> None:
    assert camera_remark(ROWS) == (
        "Worst kind: cold, +5.50 dB. Brightness is farthest off with cold in heavy: +3.2 levels. "
        "Dry pictures come back worst with cold: 46.50 dB."
    )
    assert camera_remark([summary("grey", 33.5, math.nan, 1)]).endswith("heavy: +1.0 levels.")


def test_the_section_holds_a_table_a_method_and_every_figure(rendered) -> None:
    methods = [Method(name, lambda left, right: (left, right)) for name in ("one", "two")]

    section = measure_cameras(methods, rendered, choose_cameras(["grey", "noise"]), seed=3)

    assert [part.caption for part in section.parts] == [
        "Kinds of cameras, one",
        "Kinds of cameras, two",
    ]
    assert [row[0] for row in section.parts[0].table.rows] == ["grey", "noise", "mean"]
    # What does nothing gains nothing, and dry pictures come back as they were put in.
    assert {row[3] for row in section.parts[0].table.rows} == {"+0.00"}
    assert {row[7] for row in section.parts[0].table.rows} == {"60.00"}
    assert len(section.figures) == 2 * 2 * len(rendered)
    assert section.figures[0].keys() >= {"method", "camera", "weather", "gain", "brightness"}
    assert section.markdown.startswith("Kinds of cameras, one:\n\n| camera | PSNR in |")
