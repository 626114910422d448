"""Global context: a summary of each whole view conditions the decoder; our own variants have it.

How dense the haze is shows best where the scene is far, and must be known where it is near: a fact
of the whole scene, while filters see a neighbourhood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, softplus

from apanet_core.network.initialisation import be_zero
from apanet_core.network.standardisation import TONE, Tone

VARIANCE_EPS = 1e-5

Modulate = Callable[[int, Tensor], Tensor]
"""Scales and shifts the features of a level: (level, `[B,C,H,W]`) to the same shape."""


class Moments(tuple[Tensor, Tensor]):
    """Mean and variance of each channel, `[B,C]` twice."""

    __slots__ = ()


class GlobalContext(nn.Module):
    """Summarises the scene for each view, and conditions features on it by FiLM.

    A view's summary is of its own features and of the other view's, these counting as much where
    both agree, and the less the more they differ: a wet, fogged, dead or differently exposed
    camera must not spoil the other one. Changes nothing until it is trained.

    Args:
        channels: of the features that are summarised.
        conditioned: channels of each level that is scaled and shifted.
        toned: whether the summary is also of the tone that standardisation took off a view: where
            black lies tells of haze, if not for certain.
    """

    def __init__(self, channels: int, conditioned: Sequence[int], toned: bool = False) -> None:
        super().__init__()
        self.project = nn.Conv2d(channels, channels, 1)
        self.norm = nn.LayerNorm(2 * channels)
        self.hidden = nn.Linear(2 * channels, channels)
        self.film = nn.ModuleList(nn.Linear(channels, 2 * each) for each in conditioned)
        self.strictness = nn.Parameter(torch.tensor(1.0))
        self.tone = nn.Linear(TONE, channels, bias=False) if toned else None
        if self.tone is not None:
            be_zero(self.tone)
        for linear in self.film:
            be_zero(linear)

    def forward(
        self, left: Tensor, right: Tensor, tones: Sequence[Tone | None] = (None, None)
    ) -> tuple[Modulate, Modulate]:
        """Summarise the latent features `[B,C,H,W]` of two views; return how to condition each."""
        left_summary, right_summary = self.summaries(left, right, tones)
        return (
            lambda level, features: self.condition(level, left_summary, features),
            lambda level, features: self.condition(level, right_summary, features),
        )

    def summaries(
        self, left: Tensor, right: Tensor, tones: Sequence[Tone | None] = (None, None)
    ) -> tuple[Tensor, Tensor]:
        """Return `[B,C]` for each view, of two `[B,C,H,W]` and of the views' tones."""
        own, other = (_moments(gelu(self.project(view)).float()) for view in (left, right))
        share = self._other_share(own, other)
        of_left, of_right = (
            self._summary(*_mixed(*pair, share), tone, left.dtype)
            for pair, tone in zip(((own, other), (other, own)), tones, strict=True)
        )
        return of_left, of_right

    def condition(self, level: int, summary: Tensor, features: Tensor) -> Tensor:
        """Return a level's `[B,C,H,W]` features, scaled and shifted by a summary (FiLM)."""
        scale, shift = self.film[level](summary)[..., None, None].chunk(2, dim=1)
        changed: Tensor = features + (features * scale + shift)
        return changed

    def _other_share(self, own: Moments, other: Moments) -> Tensor:
        """Return `[B,1]`: the weight of the other view, 0.5 where both agree, down to 0."""
        (mean, variance), (other_mean, other_variance) = own, other
        apart = (mean - other_mean).square() / (variance + other_variance + VARIANCE_EPS)
        return 0.5 * torch.exp(-softplus(self.strictness) * apart.mean(dim=1, keepdim=True))

    def _summary(
        self, mean: Tensor, variance: Tensor, tone: Tone | None, dtype: torch.dtype
    ) -> Tensor:
        statistics = torch.cat([mean, (variance + VARIANCE_EPS).sqrt()], dim=1).to(dtype)
        hidden = self.hidden(self.norm(statistics))
        if self.tone is not None and tone is not None:
            hidden = hidden + self.tone(tone.numbers().to(dtype))
        summary: Tensor = gelu(hidden)
        return summary


def _moments(features: Tensor) -> Moments:
    mean = features.mean(dim=(2, 3), keepdim=True)
    variance = (features - mean).square().mean(dim=(2, 3))
    return Moments((mean[..., 0, 0], variance))


def _mixed(own: Moments, other: Moments, share: Tensor) -> Moments:
    """Return the moments of both views' pixels together, the other's weighted with `share`."""
    (mean, variance), (other_mean, other_variance) = own, other
    apart = other_mean - mean
    spread = variance + share * (other_variance - variance) + share * (1 - share) * apart.square()
    return Moments((mean + share * apart, spread))
