"""Views are brought to one tone and back, whatever the camera."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.config import ApanetConfig
from apanet_core.network.standardisation import DEVIATION, MEAN, tone_of

CONFIG = ApanetConfig(
    width=8,
    blocks=(1, 1),
    memory_size=(4, 4),
    parallax=(False, True),
    stem_fold=2,
    standardise=True,
    haze=True,
)


def test_a_standardised_view_has_the_common_mean_and_deviation() -> None:
    view = torch.rand(2, 3, 20, 30) * torch.tensor([0.2, 0.5, 0.9])[:, None, None]

    seen = tone_of(view).standardised(view)

    torch.testing.assert_close(seen.mean(dim=(2, 3)), torch.full((2, 3), MEAN))
    deviation = seen.std(dim=(2, 3), correction=0)
    torch.testing.assert_close(deviation, torch.full((2, 3), DEVIATION))


def test_a_flat_view_is_not_stretched_without_bounds() -> None:
    view = torch.full((1, 3, 16, 16), 0.5)
    view[..., 0, 0] += 0.01

    seen = tone_of(view).standardised(view)

    assert torch.isfinite(seen).all()
    assert (seen - MEAN).abs().max() < 0.2


def test_exposure_black_level_and_white_balance_make_no_difference(make_network) -> None:
    model = make_network(CONFIG)
    views = torch.rand(2, 1, 3, 32, 48)
    gain = torch.tensor([0.5, 0.4, 0.6])[:, None, None]

    with torch.no_grad():
        derained = model(*views)
        other_camera = model(*(0.2 + gain * view for view in views))

    # Haze is bounded by black and white, which lie elsewhere for the other camera: not here.
    for plain, other in zip(derained, other_camera, strict=True):
        inside = (plain > 0.02) & (plain < 0.98)
        assert inside.float().mean() > 0.8
        error = (0.2 + gain * plain - other).abs()[inside]
        assert error.quantile(0.9) < 2e-3


def test_the_papers_network_takes_views_as_they_are(make_network) -> None:
    model = make_network(
        ApanetConfig(width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(True, True))
    )
    views = torch.rand(2, 1, 3, 16, 24)

    with torch.no_grad():
        change = model(*(0.5 * view for view in views))[0] - 0.5 * model(*views)[0]

    assert change.abs().max() > 1e-3
