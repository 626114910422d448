from __future__ import annotations

import numpy as np

from apanet_core.evaluation.method import Method
from apanet_core.evaluation.pictures import GAP_PX, PictureFolder, show_derained, side_by_side
from apanet_core.imaging.files import read_rgb


def gray(level: int) -> np.ndarray:
    return np.full((4, 5, 3), level, np.uint8)


def test_columns_stand_side_by_side_and_views_below_each_other() -> None:
    joined = side_by_side([(gray(1), gray(2)), (gray(3), gray(4)), (gray(5), gray(6))])

    assert joined.shape == (2 * 4 + GAP_PX, 3 * 5 + 2 * GAP_PX, 3)
    assert joined.dtype == np.uint8
    corners = [[joined[row, column, 0] for column in (0, 5 + GAP_PX, -1)] for row in (0, -1)]
    assert corners == [[1, 3, 5], [2, 4, 6]]
    assert (joined[4 : 4 + GAP_PX] == 255).all()
    assert (joined[:, 5 : 5 + GAP_PX] == 255).all()


def test_one_picture_is_itself() -> None:
    assert np.array_equal(side_by_side([(gray(7),)]), gray(7))


def test_every_third_result_is_written_by_name_and_weather(tmp_path) -> None:
    folder = PictureFolder(tmp_path / "made" / "here", [f"road_{i}" for i in range(5)], every=3)

    for number in range(5):
        for weather in ("light", "heavy"):
            folder(number, weather, [(gray(40 * number),), (gray(20),)])

    assert sorted(path.name for path in folder.folder.iterdir()) == [
        "road_0_heavy.jpg",
        "road_0_light.jpg",
        "road_3_heavy.jpg",
        "road_3_light.jpg",
    ]
    assert folder.count == 4
    written = read_rgb(folder.folder / "road_3_light.jpg")
    assert written.shape == (4, 10 + GAP_PX, 3)
    assert abs(int(written[0, 0, 0]) - 120) < 8


def test_single_pictures_are_shown_before_and_after() -> None:
    shown = []

    show_derained(
        [Method("half", lambda left, right: (left // 2, right))],
        [gray(10), gray(20)],
        lambda *result: shown.append(result),
    )

    assert [(number, weather) for number, weather, _ in shown] == [(0, "rain"), (1, "rain")]
    (before,), (after,) = shown[1][2]
    assert (before.max(), after.max()) == (20, 10)
