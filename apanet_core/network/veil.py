"""What lifting a veil takes and the paper's network has not; our own variants have it.

A veil dims the whole scene by depth and adds one colour. How dense it is shows best where the scene
is far, and must be known where it is near: a fact of the whole scene, while filters see a
neighbourhood. And to undo it the image is stretched, that is multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, interpolate

from apanet_core.network.initialisation import be_zero

VARIANCE_EPS = 1e-5


class SceneContext(nn.Module):
    """Sums a scene up over both views, and scales and shifts the channels of features by it.

    Both views get the same, so that they are changed alike. Changes nothing until it is trained.

    Args:
        channels: of the features that are summed up.
        told: channels of each level that is changed.
    """

    def __init__(self, channels: int, told: Sequence[int]) -> None:
        super().__init__()
        self.look = nn.Conv2d(channels, channels, 1)
        self.norm = nn.LayerNorm(2 * channels)
        self.think = nn.Linear(2 * channels, channels)
        self.tell = nn.ModuleList(nn.Linear(channels, 2 * each) for each in told)
        for linear in self.tell:
            be_zero(linear)

    def forward(self, left: Tensor, right: Tensor) -> Callable[[int, Tensor], Tensor]:
        """Sum up two `[B,C,H,W]`; return what `told` does with it: (level, features)."""
        summary = self.summary(left, right)
        return lambda level, features: self.told(level, summary, features)

    def summary(self, left: Tensor, right: Tensor) -> Tensor:
        """Return `[B,C]` of two `[B,C,H,W]`."""
        looked = gelu(self.look(torch.cat([left, right], dim=3))).float()
        mean = looked.mean(dim=(2, 3), keepdim=True)
        variance = (looked - mean).square().mean(dim=(2, 3), keepdim=True)
        spread = (variance + VARIANCE_EPS).sqrt()
        seen = torch.cat([mean, spread], dim=1)[..., 0, 0].to(left.dtype)
        thought: Tensor = gelu(self.think(self.norm(seen)))
        return thought

    def told(self, level: int, summary: Tensor, features: Tensor) -> Tensor:
        """Return a level's `[B,C,H,W]` features, scaled and shifted by what was summed up."""
        scale, shift = self.tell[level](summary)[..., None, None].chunk(2, dim=1)
        changed: Tensor = features + (features * scale + shift)
        return changed


class Stretch(nn.Module):
    """Predicts by how much of itself each colour of each folded pixel block is raised.

    Predicts zero until it is trained.

    Args:
        channels: of the features it looks at.
        fold: side of the block, in pixels.
    """

    def __init__(self, channels: int, fold: int) -> None:
        super().__init__()
        self.fold = fold
        self.predict = nn.Conv2d(channels, 3, 3, padding=1)
        be_zero(self.predict)

    def forward(self, image: Tensor, features: Tensor) -> Tensor:
        """Return what to add to an image `[B,3,H,W]`, from features `[B,C,H/fold,W/fold]`."""
        factor = self.predict(features).to(image.dtype)
        if self.fold > 1:
            factor = interpolate(
                factor, scale_factor=self.fold, mode="bilinear", align_corners=False
            )
        added: Tensor = image * factor
        return added
