from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.clean_single import CleanSingle
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.errors import ImageError
from apanet_core.imaging.files import pictures_in, write_rgb

CROP = (32, 48)


@pytest.fixture
def folder(tmp_path, motorcycle):
    for name, rows in (("a.png", 100), ("b.jpg", 250)):
        write_rgb(tmp_path / name, motorcycle[0][rows : rows + 60, 200:350])
    return tmp_path


def test_a_draw_is_a_rainy_pair_and_its_clean_one(folder) -> None:
    source = CleanSingle(pictures_in(folder), RenderedRain(0.0))
    assert len(source) == 2
    assert source.description == "2 clean single pictures, rain rendered"
    sample = source.draw(np.random.default_rng(0), CROP)
    assert {view.shape for view in sample[:4]} == {(3, *CROP)}
    assert not torch.equal(sample.rainy_left, sample.clean_left)
    assert not torch.equal(sample.clean_left, sample.clean_right)


def test_the_same_picture_gets_another_depth_at_every_draw(folder) -> None:
    (folder / "b.jpg").unlink()
    source = CleanSingle(pictures_in(folder), RenderedRain(1.0))
    samples = [source.draw(np.random.default_rng(i), CROP) for i in (0, 1, 0)]
    assert torch.equal(samples[0].clean_right, samples[2].clean_right)
    assert not torch.equal(samples[0].clean_right, samples[1].clean_right)
    assert torch.equal(samples[0].rainy_right, samples[0].clean_right)


def test_a_picture_smaller_than_the_crop_is_named(folder, motorcycle) -> None:
    write_rgb(folder / "c.png", motorcycle[0][:30, :60])
    source = CleanSingle(pictures_in(folder), RenderedRain())
    message = re.escape(f"{folder / 'c.png'} of 60x30 is smaller than the crop of 48x32")
    with pytest.raises(ImageError, match=message):
        source.check_crop(CROP)
    with pytest.raises(ImageError, match=message):
        [source.draw(np.random.default_rng(i), CROP) for i in range(20)]


def test_what_is_no_picture_is_named_at_once(folder) -> None:
    (folder / "c.png").write_text("no picture")
    with pytest.raises(ImageError, match=re.escape(f"Cannot read {folder / 'c.png'} as an image")):
        CleanSingle(pictures_in(folder), RenderedRain())
