"""Open sky in made pictures and in a real one without any."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.imaging.sky import sky_mask
from apanet_core.imaging.types import ByteImage

BLUE, WHITE, CONCRETE = (110, 160, 220), (250, 250, 252), (150, 150, 145)
HORIZON = 60


def street(above: tuple[int, int, int]) -> ByteImage:
    """A colour above rough ground, with a dark tree of 20 columns before both."""
    picture = np.empty((100, 160, 3), np.uint8)
    picture[:HORIZON] = above
    texture = np.random.default_rng(1).integers(0, 200, (100 - HORIZON, 160, 1), np.uint8)
    picture[HORIZON:] = cv2.GaussianBlur(texture, (0, 0), 1)[..., None]
    picture[20:80, 50:70] = (20, 40, 20)
    return picture


@pytest.mark.parametrize("colour", [BLUE, WHITE])
def test_flat_blue_or_white_above_is_sky_up_to_its_outlines(colour: tuple[int, int, int]) -> None:
    found = sky_mask(street(colour))

    expected = np.zeros((100, 160), bool)
    expected[:HORIZON] = True
    expected[20:80, 50:70] = False
    assert found.dtype == np.bool_
    assert (found == expected)[: HORIZON - 2].all()
    assert not found[HORIZON:].any()


def test_grey_above_is_none_and_neither_is_blue_below() -> None:
    assert not sky_mask(street(CONCRETE)).any()

    puddle = street(CONCRETE)
    puddle[80:95, 90:140] = BLUE
    assert not sky_mask(puddle).any()


def test_a_room_has_none(motorcycle) -> None:
    left, _, _ = motorcycle

    assert sky_mask(left).mean() < 0.01
