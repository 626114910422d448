from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apanet_core.errors import ImageError
from apanet_core.imaging.white_level import (
    BITS,
    WhiteLevel,
    eight_bits,
    found_white,
    white_of_bits,
)


def samples(*values: float, kind: str = "uint16") -> np.ndarray:
    return np.array(values, kind).reshape(1, -1, 1).repeat(3, axis=2)


@pytest.mark.parametrize(
    ("largest", "white"),
    [(0, 255), (255, 255), (256, 1023), (4080, 4095), (4096, 16383), (16384, 65535)],
)
def test_the_least_usual_bits_that_hold_all_values_are_found(largest: int, white: int) -> None:
    assert found_white(samples(0, largest)) == white


@pytest.mark.parametrize(("largest", "white"), [(0.9, 1), (1.3, 1), (254.0, 255), (4e4, 65535)])
def test_floats_are_of_zero_to_one_or_of_eight_or_sixteen_bits(largest: float, white: int) -> None:
    assert found_white(samples(0, largest, kind="float32")) == white


@pytest.mark.parametrize(("value", "what"), [(np.nan, "it holds values"), (1e6, "up to 1e\\+06")])
def test_floats_that_are_no_brightness_are_refused(value: float, what: str) -> None:
    with pytest.raises(ImageError, match=f"{what}.* that are no brightness: scale it to 0 to 1"):
        found_white(samples(0, value, kind="float32"))


@given(bits=st.sampled_from(BITS), data=st.data())
def test_samples_come_back_exactly(bits: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, white_of_bits(bits)))
    level = WhiteLevel(bits)
    (picture,) = level.pictures([samples(value)])

    assert level.samples(picture, np.uint16)[0, 0, 0] == value
    assert abs(int(picture[0, 0, 0]) - value * 65535 / white_of_bits(bits)) < 0.51


def test_both_views_are_scaled_alike() -> None:
    dark, bright = WhiteLevel().pictures([samples(100), samples(4095)])

    assert (dark[0, 0, 0], bright[0, 0, 0]) == (round(100 * 65535 / 4095), 65535)


def test_what_is_found_only_grows() -> None:
    level = WhiteLevel()
    level.pictures([samples(3000)])
    level.pictures([samples(20)])
    assert level.white(np.uint16) == 4095
    level.pictures([samples(5000)])
    assert level.white(np.uint16) == 16383
    assert WhiteLevel(known=level.state).white(np.uint16) == 16383


def test_what_is_given_stays_and_values_above_are_cut_off() -> None:
    level = WhiteLevel(12)
    (picture,) = level.pictures([samples(4095, 65535)])

    assert picture[0, :, 0].tolist() == [65535, 65535]
    assert level.white(np.uint16) == 4095


def test_bytes_are_passed_on_as_they_are() -> None:
    views = [samples(0, 7, kind="uint8"), samples(1, 2, kind="uint8")]

    found = WhiteLevel().pictures(views)

    assert all(np.shares_memory(*pair) for pair in zip(found, views, strict=True))


def test_a_byte_view_beside_one_of_sixteen_bits_is_widened_and_comes_back() -> None:
    level = WhiteLevel()
    left, right = level.pictures([samples(7, kind="uint8"), samples(4095)])

    assert (left.dtype, left[0, 0, 0], right[0, 0, 0]) == (np.uint16, 7 * 257, 65535)
    assert level.samples(left, np.uint8)[0, 0, 0] == 7


def test_floats_come_back_in_their_range() -> None:
    level = WhiteLevel()
    original = samples(-0.1, 0.25, 1.0, kind="float32")
    (picture,) = level.pictures([original])

    assert picture.dtype == np.uint16
    found = level.samples(picture, np.float32)
    np.testing.assert_allclose(found, original.clip(0), atol=1e-5)


def test_eight_bits_are_rounded() -> None:
    assert eight_bits(samples(0, 128, 129, 65535))[0, :, 0].tolist() == [0, 0, 1, 255]
