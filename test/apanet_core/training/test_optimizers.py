"""Muon against torch's own, and which weights it moves."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from apanet_core.training.optimizers import Muon, make_optimizers, orthogonalised  # noqa: E402


def _matrix(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(16, 40), (40, 16)])
def test_every_direction_of_an_orthogonalised_matrix_counts_alike(shape: tuple[int, int]) -> None:
    matrix = _matrix(*shape)
    matrix[:, 0] *= 100
    out = orthogonalised(matrix)
    values = torch.linalg.svdvals(out)
    assert values.min() > 0.3
    assert values.max() < 1.3
    left, _, right = torch.linalg.svd(out, full_matrices=False)
    wanted_left, _, wanted_right = torch.linalg.svd(matrix, full_matrices=False)
    torch.testing.assert_close(left @ right, wanted_left @ wanted_right, rtol=0, atol=2e-3)


@pytest.mark.parametrize("shape", [(32, 32), (20, 64), (64, 20)])
def test_matrices_move_as_with_the_optimizer_of_torch(shape: tuple[int, int]) -> None:
    start = _matrix(*shape)
    ours, theirs = (nn.Parameter(start.clone()) for _ in range(2))
    optimizers = (
        Muon([ours], lr=1e-2),
        torch.optim.Muon(
            [theirs], lr=1e-2, weight_decay=0, momentum=0.95, adjust_lr_fn="match_rms_adamw"
        ),
    )
    for step in range(1, 4):
        for parameter in (ours, theirs):
            parameter.grad = _matrix(*shape, seed=step)
        for optimizer in optimizers:
            optimizer.step()
    moved, wanted = ours - start, theirs - start
    # That one iterates in bfloat16, whose numbers have 8 bits.
    assert (moved - wanted).norm() < 0.03 * wanted.norm()


def test_a_filter_of_a_convolution_moves_as_the_matrix_of_its_rows() -> None:
    start, gradient = _matrix(16, 4, 3, 3), _matrix(16, 4, 3, 3, seed=1)
    conv, matrix = nn.Parameter(start.clone()), nn.Parameter(start.clone().flatten(1))
    conv.grad, matrix.grad = gradient, gradient.flatten(1)
    for parameter in (conv, matrix):
        Muon([parameter], lr=1e-2).step()
    assert torch.equal(conv.flatten(1), matrix)
    assert not torch.equal(conv, start)


def test_matrices_of_one_shape_move_together_as_each_alone() -> None:
    shapes = [(16, 40), (20, 20), (16, 40), (16, 10, 2, 2), (16, 40)]
    together, alone = (
        [nn.Parameter(_matrix(*shape, seed=n)) for n, shape in enumerate(shapes)] for _ in range(2)
    )
    optimizers = [Muon(together, lr=1e-2), *(Muon([parameter], lr=1e-2) for parameter in alone)]
    for step in range(3):
        for parameters in (together, alone):
            for number, parameter in enumerate(parameters):
                # The last one has no gradient in the second step, and stays.
                still = step == 1 and number == 4
                shape = parameter.shape
                parameter.grad = None if still else _matrix(*shape, seed=10 * step + number)
        for optimizer in optimizers:
            optimizer.step()
    for ours, wanted in zip(together, alone, strict=True):
        torch.testing.assert_close(ours, wanted, rtol=1e-5, atol=1e-6)


def test_muon_moves_wide_matrices_and_adam_the_rest() -> None:
    layers = nn.ModuleList(
        [nn.Conv2d(16, 16, 3), nn.Conv2d(16, 16, 3, groups=16), nn.Linear(16, 4), nn.LayerNorm(16)]
    )
    muon, adam = make_optimizers("muon", layers.parameters(), 1e-3)
    assert [id(p) for p in muon.param_groups[0]["params"]] == [id(layers[0].weight)]
    assert len(adam.param_groups[0]["params"]) == len(list(layers.parameters())) - 1
    (alone,) = make_optimizers("adam", layers.parameters(), 1e-3)
    assert isinstance(alone, torch.optim.Adam)


def test_a_network_without_wide_matrices_is_all_adams() -> None:
    (adam,) = make_optimizers("muon", nn.Linear(8, 8).parameters(), 1e-3)
    assert isinstance(adam, torch.optim.Adam)


def test_a_weight_without_a_gradient_stays() -> None:
    parameter = nn.Parameter(_matrix(16, 16))
    before = parameter.detach().clone()
    Muon([parameter], lr=1.0).step()
    assert torch.equal(parameter, before)
