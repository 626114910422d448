from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from apanet_core.data.picture_sets import PictureSets
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


def picture(path: Path, level: int, height: int = 10, width: int = 12) -> Path:
    write_rgb(path, np.full((height, width, 3), level, np.uint8))
    return path


@pytest.fixture
def files(tmp_path) -> list[tuple[Path, Path]]:
    """Three sets; the second picture of each has the first's level plus 100."""
    return [
        (picture(tmp_path / f"{i}.png", i), picture(tmp_path / f"{i}.bmp", 100 + i))
        for i in range(3)
    ]


def test_sets_are_read_together_and_at_random(files) -> None:
    sets = PictureSets(files)
    assert len(sets) == 3
    read = [sets.read_any(np.random.default_rng(seed), (10, 12)) for seed in range(20)]
    assert {(int(one.max()), int(two.max())) for one, two in read} == {(0, 100), (1, 101), (2, 102)}


def test_too_large_a_crop_is_refused_before_and_when_reading(files) -> None:
    for path in files[1]:
        picture(path, 1, height=9)
    sets = PictureSets(files)
    sets.check_crop((9, 12))
    message = re.escape(f"{files[1][0]} of 12x9 is smaller than the crop of 12x10")
    with pytest.raises(ImageError, match=message):
        sets.check_crop((10, 12))
    with pytest.raises(ImageError, match=message):
        [sets.read_any(np.random.default_rng(seed), (10, 12)) for seed in range(20)]


def test_every_file_is_measured_at_once(files) -> None:
    picture(files[2][1], 1, height=9)
    message = f"{files[2][0]} is 12x10, {files[2][1]} is 12x9: the views of a pair need one size."
    with pytest.raises(ImageError, match=re.escape(message)):
        PictureSets(files)
    files[2][1].write_text("no picture")
    with pytest.raises(ImageError, match=re.escape(f"Cannot read {files[2][1]} as an image")):
        PictureSets(files)


def test_sizes_that_differ_later_are_found_when_reading(files) -> None:
    sets = PictureSets(files)
    picture(files[1][1], 1, height=9)
    with pytest.raises(ImageError, match=re.escape(f"{files[1][1]} is 12x9")):
        [sets.read_any(np.random.default_rng(seed), (4, 4)) for seed in range(20)]


def test_a_picture_that_vanished_or_broke_is_named(files) -> None:
    sets = PictureSets(files[:1])
    files[0][1].write_bytes(files[0][1].read_bytes()[:20])
    with pytest.raises(ImageError, match=re.escape(f"Cannot read {files[0][1]} as an image")):
        sets.read_any(np.random.default_rng(0), (4, 4))
    files[0][0].unlink()
    with pytest.raises(ImageError, match=re.escape(f"No image {files[0][0]}")):
        sets.read_any(np.random.default_rng(0), (4, 4))
