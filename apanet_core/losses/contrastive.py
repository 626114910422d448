"""HCR, the contrastive ratio: near to the teacher's picture, far from the rainy one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from apanet_core.losses.features import FeatureExtractor

EPS = 1e-7
"""Keeps the ratio finite where the student returns the rainy picture unchanged."""


def contrastive_ratio(
    student: Sequence[Tensor],
    teacher: Sequence[Tensor],
    rainy: Sequence[Tensor],
    weights: Sequence[float],
) -> Tensor:
    """Return `sum_i w_i * mean|s_i - t_i| / (mean|s_i - r_i| + EPS)` over feature maps `i`.

    A ratio does not ask how large features are, so maps of any network can be used. It is not
    bounded: begin with a student that already removes rain.

    Args:
        student, teacher, rainy: feature maps of the same pictures, each a float `[B,C,H,W]`. The
            gradient goes to the student's only.
        weights: one per map.

    Returns:
        A scalar, 0 where the student's features are the teacher's.

    Raises:
        ValueError: the four differ in length.
    """
    terms = [
        weight * _distance(ours, wanted.detach()) / (_distance(ours, unwanted.detach()) + EPS)
        for ours, wanted, unwanted, weight in zip(student, teacher, rainy, weights, strict=True)
    ]
    return torch.stack(terms).sum()


class ContrastiveLoss:
    """The contrastive ratio of pictures, seen through a feature extractor.

    Attributes:
        extractor: what makes features of pictures; it sits on the pictures' device.
    """

    def __init__(self, extractor: FeatureExtractor) -> None:
        self.extractor = extractor

    def __call__(self, student: Tensor, teacher: Tensor, rainy: Tensor) -> Tensor:
        """Return the ratio of one view.

        Args:
            student, teacher, rainy: RGB float `[B,3,H,W]` in [0, 1]: the student's output, the
                teacher's, and what both were given. The gradient goes to the student's only.
        """
        with torch.no_grad():
            wanted, unwanted = self.extractor(teacher), self.extractor(rainy)
        return contrastive_ratio(self.extractor(student), wanted, unwanted, self.extractor.weights)


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().mean()
