"""How weights follow gradients: Adam, or Muon for matrices and Adam for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import Tensor
from torch.optim import Adam, Optimizer

from apanet_core.training.recipe import OptimizerKind

MOMENTUM = 0.95
LEAST_SIDE = 16
"""Matrices narrower than this, such as depthwise filters, are left to Adam."""
ADAMS_RMS = 0.2
"""Root mean square of an update at learning rate 1, about Adam's, so that its rates fit both."""
ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic that takes every singular value near 1 in few iterations."""


class Muon(Optimizer):
    """Momentum whose update is orthogonalised: every direction of a matrix learns at one rate.

    Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024, with
    Nesterov's momentum; updates have the size of Adam's as in Liu et al., "Muon is Scalable for LLM
    Training", 2025. torch's own takes no filters of convolutions, and iterates in bfloat16, which
    costs a processor without such a unit half a training step.

    Args:
        params: of two dimensions or more; filters `[out,in,h,w]` count as matrices `[out,in*h*w]`.
        lr: learning rate, as for Adam.
        momentum: share of the running mean of gradients that each step keeps.
    """

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = MOMENTUM) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step along the gradients; parameters without one stay.

        Args:
            closure: computes loss and gradients anew, if given; its loss is returned.
        """
        with torch.enable_grad():
            loss = closure() if closure is not None else None
        for group in self.param_groups:
            moved = [parameter for parameter in group["params"] if parameter.grad is not None]
            if moved:
                self._follow(moved, group["lr"], group["momentum"])
        return loss

    def _follow(self, parameters: list[Tensor], rate: float, momentum: float) -> None:
        gradients = [cast("Tensor", parameter.grad) for parameter in parameters]
        means = [self._mean_gradient(parameter) for parameter in parameters]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        directions = torch._foreach_lerp(gradients, means, momentum)
        matrices = [direction.flatten(1) for direction in directions]
        for numbers in _alike(matrices):
            # In one go: a GPU would mostly wait for one small product after the other.
            updates = orthogonalised(torch.stack([matrices[number] for number in numbers]))
            updates *= -rate * ADAMS_RMS * max(updates.shape[1:]) ** 0.5
            some = [parameters[number] for number in numbers]
            torch._foreach_add_(some, [u.view_as(p) for u, p in zip(updates, some, strict=True)])

    def _mean_gradient(self, parameter: Tensor) -> Tensor:
        state = self.state[parameter]
        if not state:
            state["mean_gradient"] = torch.zeros_like(parameter)
        mean: Tensor = state["mean_gradient"]
        return mean


def _alike(matrices: list[Tensor]) -> Iterable[list[int]]:
    """Return the numbers of the matrices of each shape."""
    numbers: dict[torch.Size, list[int]] = defaultdict(list)
    for number, matrix in enumerate(matrices):
        numbers[matrix.shape].append(number)
    return numbers.values()


def orthogonalised(matrices: Tensor) -> Tensor:
    """Return float `[...,M,N]` matrices with singular values brought to between about 0.7 and 1.2.

    By Newton and Schulz's iteration, whose products of matrices suit any device better than a
    singular value decomposition.
    """
    a, b, c = COEFFICIENTS
    tall = matrices.shape[-2] > matrices.shape[-1]
    wide = matrices.mT if tall else matrices
    wide = wide / torch.linalg.matrix_norm(wide, keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = wide @ wide.mT
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    out: Tensor = wide.mT if tall else wide
    return out


def make_optimizers(kind: OptimizerKind, weights: Iterable[Tensor], lr: float) -> list[Optimizer]:
    """Return the optimizers that together move all weights.

    Args:
        kind: `adam`; or `muon`, with Adam for vectors and for matrices that are narrow.
        weights: what is learned.
        lr: learning rate, the same for all.
    """
    weights = list(weights)
    if kind == "adam":
        return [Adam(weights, lr=lr)]
    wide = [weight for weight in weights if _is_wide(weight)]
    others = [weight for weight in weights if not _is_wide(weight)]
    return [make(some, lr=lr) for make, some in ((Muon, wide), (Adam, others)) if some]


def _is_wide(weight: Tensor) -> bool:
    return weight.ndim > 1 and min(len(weight), weight[0].numel()) >= LEAST_SIDE
