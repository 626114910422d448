from __future__ import annotations

import pytest

from apanet_core.rain.geometry import StereoGeometry


def test_disparity_at_one_metre_is_focal_length_times_baseline() -> None:
    assert StereoGeometry().disparity_at_one_metre == pytest.approx(389.6, abs=0.1)
    assert StereoGeometry(focal_px=100, baseline_m=0.2).disparity_at_one_metre == pytest.approx(20)


def test_the_principal_point_is_the_centre_unless_given() -> None:
    assert StereoGeometry().center_of(height=40, width=60) == (30, 20)
    assert StereoGeometry(center=(3.5, -7)).center_of(height=40, width=60) == (3.5, -7)
