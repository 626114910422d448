from __future__ import annotations

import numpy as np
import pytest

from apanet_core.evaluation.worse import Worse, count_reasons, error_parts, reason_worse

SIZE = (96, 128)


def gray(level: int) -> np.ndarray:
    return np.full((*SIZE, 3), level, np.uint8)


@pytest.fixture
def checked() -> np.ndarray:
    """A board of single pixels, 90 and 110: all of it is detail."""
    rows, columns = np.indices(SIZE)
    board = np.where((rows + columns) % 2, 110, 90).astype(np.uint8)
    return np.repeat(board[..., None], 3, axis=2)


def streaked(picture: np.ndarray, levels: int) -> np.ndarray:
    """A bright column of every eighth."""
    found = picture.copy()
    found[:, 4::8] += np.uint8(levels)
    return found


def test_a_darker_picture_is_all_tone(checked) -> None:
    parts = error_parts(checked - 10, checked)

    assert parts == pytest.approx((100, 0, 0), abs=0.01)


def test_a_flattened_board_is_all_texture(checked) -> None:
    # Ten levels are missing of each pixel; the board's power, 100, stands against one of noise.
    parts = error_parts(gray(100), checked)

    assert parts.tone == pytest.approx(0, abs=0.01)
    assert parts.texture == pytest.approx(100 * (100 / 101) ** 2, rel=0.01)
    assert parts.streaks == pytest.approx(100 / 101**2, rel=0.1)


def test_streaks_on_a_flat_picture_are_streaks() -> None:
    # Every eighth column 40 levels too bright: 200 in the mean of squares, of which the mean, 5
    # levels, is tone.
    parts = error_parts(streaked(gray(100), 40), gray(100))

    assert parts.tone == pytest.approx(25, rel=0.05)
    assert parts.texture == pytest.approx(0, abs=0.01)
    assert parts.streaks == pytest.approx(200 - 25, rel=0.02)


def test_detail_that_is_stronger_than_it_should_be_is_no_lost_texture(checked) -> None:
    stronger = np.where(checked > 100, 120, 80).astype(np.uint8)

    assert error_parts(stronger, checked) == pytest.approx((0, 0, 100), abs=0.01)


def test_the_reason_is_what_grew_most(checked) -> None:
    rainy = streaked(checked, 24)

    assert reason_worse(rainy, checked - 30, checked) == "tone"
    assert reason_worse(rainy, gray(100), checked) == "texture"
    assert reason_worse(rainy, streaked(checked, 60), checked) == "streaks"


def test_a_large_part_that_was_there_before_is_no_reason(checked) -> None:
    """Rain that darkens by 30 levels leaves as dark, and the board is flattened beside."""
    assert reason_worse(checked - 30, gray(70), checked) == "texture"


def test_reasons_are_counted_the_most_frequent_first() -> None:
    reasons = ("tone", "streaks", "streaks")
    rows = [Worse("net", 0, "a", "rain", "left", -1.0, reason) for reason in reasons]

    assert list(count_reasons(rows).items()) == [("streaks", 2), ("tone", 1)]
