from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from apanet_core.data.stereo_folder import PairFiles, pair_folders, stereo_folder
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


def picture(path: Path, level: int = 0, size: tuple[int, int] = (3, 4)) -> Path:
    path.parent.mkdir(exist_ok=True)
    write_rgb(path, np.full((*size, 3), level, np.uint8))
    return path


def test_pairs_share_a_stem_and_come_sorted(tmp_path) -> None:
    for stem in ("b", "a10", "a2"):
        picture(tmp_path / "left" / f"{stem}.png", 1)
        picture(tmp_path / "right" / f"{stem}.bmp", 2)
    (tmp_path / "left" / "notes.txt").write_text("no picture")

    found = stereo_folder(str(tmp_path))

    assert [(left.name, right.name) for left, right in found] == [
        ("a10.png", "a10.bmp"),
        ("a2.png", "a2.bmp"),
        ("b.png", "b.bmp"),
    ]
    left, right = found[0].read()
    assert left.shape == right.shape == (3, 4, 3)
    assert (left.max(), right.max()) == (1, 2)
    assert pair_folders(tmp_path / "left", tmp_path / "right") == found


def test_pictures_without_a_partner_are_listed(tmp_path) -> None:
    for name in ("left/a.png", "left/b.png", "left/c.png", "right/b.png", "right/d.png"):
        picture(tmp_path / name)
    alone = ", ".join(str(tmp_path / name) for name in ("left/a.png", "left/c.png", "right/d.png"))

    with pytest.raises(
        ImageError, match=re.escape(f"Pictures without a partner of the same stem: {alone}.")
    ):
        stereo_folder(tmp_path)


def test_a_missing_folder_is_named(tmp_path) -> None:
    picture(tmp_path / "left" / "a.png")

    with pytest.raises(
        ImageError, match=re.escape(f"No folder {tmp_path / 'right'}: check the path.")
    ):
        stereo_folder(tmp_path)


def test_a_folder_without_pictures_is_named(tmp_path) -> None:
    picture(tmp_path / "left" / "a.png")
    (tmp_path / "right").mkdir()
    (tmp_path / "right" / "a.txt").touch()

    with pytest.raises(ImageError, match=re.escape(f"No pictures in {tmp_path / 'right'} (.bmp, ")):
        stereo_folder(tmp_path)


def test_two_pictures_of_one_stem_are_refused(tmp_path) -> None:
    one, two = (picture(tmp_path / "left" / name) for name in ("a.bmp", "a.png"))
    picture(tmp_path / "right" / "a.png")

    with pytest.raises(ImageError, match=re.escape(f"{one} and {two} share a stem: keep one.")):
        stereo_folder(tmp_path)


def test_views_of_two_sizes_are_refused(tmp_path) -> None:
    left = picture(tmp_path / "left.png", size=(3, 4))
    right = picture(tmp_path / "right.png", size=(5, 4))

    with pytest.raises(
        ImageError, match=re.escape(f"{left} is 4x3, {right} is 4x5: the views of a pair need one")
    ):
        PairFiles(left, right).read()


@pytest.mark.parametrize(
    ("left", "right"),
    [("image_2/0.png", "image_3/0.png"), ("im0.png", "im1.png"), ("0_left.png", "0_right.png")],
)
def test_the_names_of_data_sets_are_known(tmp_path, left: str, right: str) -> None:
    for name in (left, right):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_rgb(tmp_path / name, np.zeros((3, 4, 3), np.uint8))

    assert stereo_folder(tmp_path) == [(tmp_path / left, tmp_path / right)]
