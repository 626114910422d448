from __future__ import annotations

import numpy as np

from apanet_core.data.rainy_scene import dry, given, rendered
from apanet_core.rain.composition import RainyView

CLEAN = np.full((4, 6, 3), 100, np.uint8)
RAINY, HAZY = CLEAN + np.uint8(40), CLEAN + np.uint8(20)


def test_a_dry_view_is_one_picture() -> None:
    view = dry(CLEAN)

    assert view.is_dry
    assert view.rainy is view.clean is view.hazy is CLEAN
    np.testing.assert_array_equal(view.on_lens, np.zeros((4, 6), np.float32))


def test_a_given_view_is_not_dry_even_where_it_looks_so() -> None:
    assert not given(CLEAN.copy(), CLEAN).is_dry


def test_nobody_knows_the_haze_of_a_given_view_by_default() -> None:
    assert given(RAINY, CLEAN).hazy is None
    assert given(RAINY, CLEAN, HAZY).hazy is HAZY
    assert given(RAINY, CLEAN).on_lens.max() == 0


def test_a_rendered_view_has_all_that_its_renderer_knows() -> None:
    on_lens = np.full((4, 6), 0.25, np.float32)

    view = rendered(RainyView(RAINY, HAZY, on_lens), CLEAN)

    assert not view.is_dry
    assert (view.rainy is RAINY, view.clean is CLEAN, view.hazy is HAZY) == (True, True, True)
    assert view.on_lens is on_lens
