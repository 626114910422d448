"""What a student learns of a teacher: real rain of a single-image one, all of a large one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from apanet_core.errors import ConfigError
from apanet_core.losses.contrastive import ContrastiveLoss
from apanet_core.losses.dark_channel import dark_channel_loss
from apanet_core.losses.total_variation import total_variation_loss
from apanet_core.network.apanet import APANet, FeatureTaps
from apanet_core.network.checkpoint import load_model
from apanet_core.network.config import ApanetConfig

_EPS = 1e-7


@dataclass(frozen=True)
class RealRainWeights:
    """Weights of the terms on real rain; the defaults are the paper's numbers.

    On means over pixels, the last two at these numbers do next to nothing: on 256 px crops of real
    rain their gradients are less than a ten-thousandth of the contrastive term's. A dark channel
    summed over pixels, as related work has it, is `1e-6 * H * W` here: 0.066 at 256 px.

    Attributes:
        contrastive: of the contrastive ratio in features.
        total_variation: of the squared total variation, a mean over pixels.
        dark_channel: of the dark channel, a sum over pixels.
    """

    contrastive: float = 2e-3
    total_variation: float = 5e-5
    dark_channel: float = 1e-6


class RealRainLoss:
    """Single-to-stereo distillation on real rainy pairs, which have no clean counterpart.

    The student's picture of each view is drawn towards what a single-image teacher makes of that
    view and away from the rainy view, and is asked to be smooth and to have dark spots.

    Args:
        teacher: a single-image network, see `load_single_image_network`; on the pairs' device.
        contrastive: compares pictures by their features.
        weights: of the three terms.

    Raises:
        ConfigError: the teacher has parallax attention, so its views are not single images.
    """

    def __init__(
        self,
        teacher: APANet,
        contrastive: ContrastiveLoss,
        weights: RealRainWeights = RealRainWeights(),
    ) -> None:
        _require_single_image(teacher, "The teacher on real rain")
        self._teacher = teacher
        self._contrastive = contrastive
        self._weights = weights

    @property
    def features(self) -> str:
        """Which feature extractor compares, for the record."""
        return self._contrastive.extractor.identity

    def __call__(
        self, rainy_left: Tensor, rainy_right: Tensor, student_left: Tensor, student_right: Tensor
    ) -> dict[str, Tensor]:
        """Return the terms `contrastive`, `total_variation` and `dark_channel`.

        Each is a scalar, the mean of the two views, already weighted; the sum is the loss.

        Args:
            rainy_left, rainy_right: RGB float `[B,3,H,W]` in [0, 1].
            student_left, student_right: what the student makes of them; the gradient goes there.
        """
        with torch.no_grad():
            # Without parallax the two views never meet: one pass derains each by itself.
            teacher_left, teacher_right = self._teacher(rainy_left, rainy_right)
        left, right = student_left, student_right
        ratios = (
            self._contrastive(left, teacher_left, rainy_left),
            self._contrastive(right, teacher_right, rainy_right),
        )
        weights = self._weights
        return {
            "contrastive": weights.contrastive * _mean(ratios),
            "total_variation": weights.total_variation
            * _mean(total_variation_loss(view) for view in (left, right)),
            "dark_channel": weights.dark_channel
            * _mean(dark_channel_loss(view) for view in (left, right)),
        }


def load_single_image_network(source: str | Path, device: str | torch.device = "cpu") -> APANet:
    """Load an APANet that derains each view by itself: one whose `parallax` is all false.

    Args:
        source: as `load_model` takes it.
        device: torch device to put it on.

    Raises:
        ConfigError: it has parallax attention; the message names the source.
        CheckpointError: as `load_model`.
    """
    model = load_model(source, device)
    _require_single_image(model, str(source))
    return model


class LargeModelLoss(nn.Module):
    """Distillation of a small network from a large one, on the output and on feature taps.

    The student's taps pass through 1x1 convolutions to the teacher's width where the two differ.
    Those learn with the student: give this module's parameters to the optimizer as well, and keep
    its state beside the student's. The teacher is no part of either; put it on the pairs' device.

    Args:
        teacher: the large network, trained.
        student_config: of the small one.
        output_weight: of the mean absolute difference of the derained views.
        tap_weight: of the mean absolute difference of the taps over the teacher's mean magnitude,
            so that one weight suits every teacher.
    """

    def __init__(
        self,
        teacher: APANet,
        student_config: ApanetConfig,
        output_weight: float,
        tap_weight: float,
    ) -> None:
        super().__init__()
        # The bound method: a module would become part of this one's parameters and state.
        self._teach = teacher.forward_with_taps
        self._output_weight = output_weight
        self._tap_weight = tap_weight
        self._folds = (student_config.stem_fold, teacher.config.stem_fold)
        widths = (student_config.width, teacher.config.width)
        self.project_encoder = _projection(*widths)
        self.project_decoder = _projection(*(2 * width for width in widths))

    def forward(
        self,
        rainy_left: Tensor,
        rainy_right: Tensor,
        student_left: Tensor,
        student_right: Tensor,
        student_taps: FeatureTaps,
    ) -> dict[str, Tensor]:
        """Return the terms `output` and `taps`, scalars already weighted; the sum is the loss.

        Args:
            rainy_left, rainy_right: RGB float `[B,3,H,W]` in [0, 1].
            student_left, student_right, student_taps: what the student's `forward_with_taps` makes
                of them; the gradient goes there and to the projections.
        """
        with torch.no_grad():
            left, right, taps = self._teach(rainy_left, rainy_right)
        size = (rainy_left.shape[-2], rainy_left.shape[-1])
        distances = [
            self._tap_distance(project, ours, theirs, size)
            for project, our_views, their_views in (
                (self.project_encoder, student_taps.encoder, taps.encoder),
                (self.project_decoder, student_taps.decoder, taps.decoder),
            )
            for ours, theirs in zip(our_views, their_views, strict=True)
        ]
        differences = (_difference(student_left, left), _difference(student_right, right))
        return {
            "output": self._output_weight * _mean(differences),
            "taps": self._tap_weight * _mean(distances),
        }

    def _tap_distance(
        self, project: nn.Module, ours: Tensor, theirs: Tensor, size: tuple[int, int]
    ) -> Tensor:
        ours, theirs = (
            _cells(tap, fold, max(self._folds), size)
            for tap, fold in zip((ours, theirs), self._folds, strict=True)
        )
        return _difference(project(ours), theirs) / (theirs.abs().mean() + _EPS)


def _require_single_image(model: APANet, name: str) -> None:
    if any(model.config.parallax):
        raise ConfigError(
            f"{name} compares the two views: a single-image teacher is an APANet trained with "
            f"parallax all false, got {list(model.config.parallax)}."
        )


def _projection(channels: int, wanted: int) -> nn.Module:
    return nn.Identity() if channels == wanted else nn.Conv2d(channels, wanted, 1)


def _cells(tap: Tensor, fold: int, coarsest: int, size: tuple[int, int]) -> Tensor:
    """Average a tap, one value per `fold` pixels, to one value per `coarsest` pixels.

    Only cells that lie wholly inside the image of `size` stay: the padding of two networks differs.
    """
    per_cell = coarsest // fold
    rows, columns = (side // coarsest * per_cell for side in size)
    return F.avg_pool2d(tap[..., :rows, :columns], per_cell)


def _difference(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().mean()


def _mean(values: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean()
