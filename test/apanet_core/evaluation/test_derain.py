from __future__ import annotations

import numpy as np

from apanet_core.evaluation.derain import derain_single


def test_a_single_picture_is_both_views_and_the_left_output_counts() -> None:
    seen = []

    def derain(left, right):
        seen.append((left, right))
        return left + 1, right + 2

    picture = np.full((2, 3, 3), 7, np.uint8)

    assert (derain_single(derain, picture) == 8).all()
    assert seen[0][0] is picture
    assert seen[0][1] is picture
