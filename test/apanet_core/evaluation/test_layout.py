from __future__ import annotations

import re

import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.layout import Layout, find_layout


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["left", "right"], Layout.CLEAN_PAIRS),
        (["rain", "gt"], Layout.RAINY_PICTURES),
        (["rain_left", "rain_right", "gt_left", "gt_right"], Layout.RAINY_PAIRS),
        (["left", "notes"], Layout.CLEAN_PAIRS),
        (["image_2", "image_3"], Layout.CLEAN_PAIRS),
    ],
)
def test_the_folders_tell_the_layout(tmp_path, folders, expected) -> None:
    for name in folders:
        (tmp_path / name).mkdir()

    assert find_layout(tmp_path) is expected


def test_pictures_alone_are_a_layout(tmp_path) -> None:
    (tmp_path / "1.JPG").touch()

    assert find_layout(tmp_path) is Layout.PICTURES


def test_folders_come_before_pictures_beside_them(tmp_path) -> None:
    (tmp_path / "preview.png").touch()
    (tmp_path / "rain").mkdir()

    assert find_layout(tmp_path) is Layout.RAINY_PICTURES


def test_two_kinds_at_once_are_refused(tmp_path) -> None:
    for name in ("left", "gt"):
        (tmp_path / name).mkdir()

    message = f"{tmp_path} holds left/ right/ as well as rain/ gt/: give a folder of one kind."
    with pytest.raises(ImageError, match=re.escape(message)):
        find_layout(tmp_path)


def test_a_missing_folder_and_one_of_nothing_known_are_named(tmp_path) -> None:
    with pytest.raises(ImageError, match=r"No folder .*nowhere: check the path"):
        find_layout(tmp_path / "nowhere")
    (tmp_path / "notes.txt").touch()
    message = (
        f"{tmp_path} holds neither pictures nor one of: left/ right/, rain/ gt/, "
        "rain_left/ rain_right/ gt_left/ gt_right/."
    )
    with pytest.raises(ImageError, match=re.escape(message)):
        find_layout(tmp_path)
