from __future__ import annotations

from pathlib import Path

import pytest

from apanet_core.data.view_names import are_views, view_folders, view_name


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left", "right"),
        ("x_L", "x_R"),
        ("x-l", "x-r"),
        ("L_0001", "R_0001"),
        ("left_0001", "right_0001"),
        ("Left0001", "Right0001"),
        ("0001_left", "0001_right"),
        ("drive_left_12", "drive_right_12"),
        ("im0", "im1"),
    ],
)
def test_the_views_of_one_scene_are_known(left: str, right: str) -> None:
    one, other = view_name(left), view_name(right)

    assert one.scene == other.scene
    assert (one.side, other.side) == (0, 1)
    assert are_views(Path("a") / f"{left}.png", Path("a") / f"{right}.png")
    assert not are_views(Path("a") / f"{right}.png", Path("a") / f"{left}.png")


@pytest.mark.parametrize(
    "name", ["bright_1", "leftover", "000010_10", "im2", "im10", "rail", "small", "l", "frame_l1"]
)
def test_any_other_name_is_all_scene(name: str) -> None:
    assert view_name(name) == (name, None)


def test_rain_and_its_clean_picture_share_a_scene() -> None:
    assert view_name("rain-1") == view_name("norain-1") == ("1", None)


@pytest.mark.parametrize(
    ("left", "right"),
    [("image_2", "image_3"), ("image_0", "image_1"), ("image_02/data", "image_03/data")],
)
def test_kittis_folders_are_views(tmp_path, left: str, right: str) -> None:
    for name in (left, right):
        (tmp_path / name).mkdir(parents=True)

    assert view_folders(tmp_path) == (tmp_path / left, tmp_path / right)
    assert are_views(tmp_path / left, tmp_path / right)
    assert not are_views(tmp_path / left, tmp_path / left)


def test_colour_comes_before_gray_and_half_a_pair_is_none(tmp_path) -> None:
    for name in ("image_0", "image_1", "image_2"):
        (tmp_path / name).mkdir()
    assert view_folders(tmp_path) == (tmp_path / "image_0", tmp_path / "image_1")

    (tmp_path / "image_3").mkdir()
    assert view_folders(tmp_path) == (tmp_path / "image_2", tmp_path / "image_3")
