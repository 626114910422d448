from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.losses.known_error import known_error

NAN = float("nan")
OUTPUT = torch.tensor([0.2, 0.5, 0.9, 0.4]).reshape(1, 1, 2, 2)


def target(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 2, 2)


def test_the_error_of_what_is_known_by_hand() -> None:
    # (0.1 + 0.3) / 2.
    found = known_error(OUTPUT, target(0.1, NAN, 0.6, NAN))

    assert found.shape == ()
    assert found.item() == pytest.approx(0.2)


def test_known_everywhere_it_is_the_mean_absolute_error() -> None:
    wanted = torch.rand(2, 3, 4, 5)
    output = torch.rand(2, 3, 4, 5)

    torch.testing.assert_close(known_error(output, wanted), (output - wanted).abs().mean())


def test_no_gradient_comes_from_what_is_unknown() -> None:
    output = OUTPUT.clone().requires_grad_()

    known_error(output, target(0.1, NAN, 1.0, NAN)).backward()

    # The first is too bright, the third too dark; two are known.
    torch.testing.assert_close(output.grad, target(0.5, 0.0, -0.5, 0.0))


def test_where_nothing_is_known_nothing_is_wrong() -> None:
    output = OUTPUT.clone().requires_grad_()

    found = known_error(output, torch.full_like(OUTPUT, NAN))
    found.backward()

    assert found.item() == 0
    torch.testing.assert_close(output.grad, torch.zeros_like(OUTPUT))


def test_gradients_are_right_by_finite_differences() -> None:
    wanted = target(0.1, NAN, 0.6, 0.8).double()

    assert torch.autograd.gradcheck(
        lambda output: known_error(output, wanted), OUTPUT.double().requires_grad_()
    )
