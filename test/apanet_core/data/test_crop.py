from __future__ import annotations

import re

import numpy as np
import pytest

from apanet_core.data.crop import check_crop, draw_window
from apanet_core.errors import ImageError


def test_windows_reach_every_place_and_none_outside() -> None:
    generator = np.random.default_rng(0)
    windows = [draw_window((5, 4), (3, 4), generator) for _ in range(40)]
    assert {(rows.start, rows.stop) for rows, _ in windows} == {(0, 3), (1, 4), (2, 5)}
    assert {(columns.start, columns.stop) for _, columns in windows} == {(0, 4)}


def test_the_first_picture_smaller_than_the_crop_is_named() -> None:
    check_crop((5, 6), [("a.png", (5, 6)), ("b.png", (9, 9))])
    with pytest.raises(
        ImageError,
        match=re.escape("b.png of 5x9 is smaller than the crop of 6x5: choose a smaller crop"),
    ):
        check_crop((5, 6), [("a.png", (5, 6)), ("b.png", (9, 5)), ("c.png", (1, 1))])
