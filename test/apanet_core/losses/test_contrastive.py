from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor

from apanet_core.losses.contrastive import EPS, ContrastiveLoss, contrastive_ratio


class HalvedColours:
    """Two maps: the image, and half of it at half the size."""

    weights = (0.25, 1.0)
    identity = "halved colours"

    def __call__(self, image: Tensor) -> list[Tensor]:
        return [image, image[..., ::2, ::2] / 2]


def flat(value: float) -> Tensor:
    return torch.full((2, 3, 4, 6), value)


def test_flat_features_by_hand() -> None:
    student, teacher, rainy = [flat(0.5), flat(1.0)], [flat(0.4), flat(4.0)], [flat(0.9), flat(2.5)]

    found = contrastive_ratio(student, teacher, rainy, (0.25, 1.0))

    assert found.shape == ()
    assert found.item() == pytest.approx(0.25 * 0.1 / 0.4 + 1.0 * 3.0 / 1.5, rel=1e-5)


def test_distances_are_averaged_before_they_are_divided() -> None:
    student = torch.zeros(2, 1, 1, 1)
    teacher = torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1)
    rainy = torch.tensor([-1.0, 7.0]).reshape(2, 1, 1, 1)

    assert contrastive_ratio([student], [teacher], [rainy], [1.0]).item() == pytest.approx(2 / 4)


def test_the_teachers_features_cost_nothing_and_the_rainy_ones_are_finite() -> None:
    teacher, rainy = [flat(0.2)], [flat(0.7)]

    assert contrastive_ratio(teacher, teacher, rainy, [1.0]).item() == 0
    assert contrastive_ratio(rainy, teacher, rainy, [1.0]).item() == pytest.approx(0.5 / EPS)


@pytest.mark.parametrize("lengths", [(1, 2, 2, 2), (2, 1, 2, 2), (2, 2, 1, 2), (2, 2, 2, 1)])
def test_lists_of_different_length_are_refused(lengths: tuple[int, int, int, int]) -> None:
    student, teacher, rainy, weights = ([flat(0.1)] * length for length in lengths)

    with pytest.raises(ValueError, match=r"zip\(\) argument \d is (shorter|longer)"):
        contrastive_ratio(student, teacher, rainy, [1.0] * len(weights))


def test_the_gradient_reaches_the_student_only() -> None:
    student, teacher, rainy = (flat(value).requires_grad_() for value in (0.5, 0.4, 0.9))

    contrastive_ratio([student], [teacher], [rainy], [1.0]).backward()

    # Down lies towards the teacher, which is away from the rain.
    assert (student.grad > 0).all()
    assert teacher.grad is None
    assert rainy.grad is None


def test_gradient() -> None:
    generator = torch.Generator().manual_seed(1)
    maps = torch.rand(3, 2, 3, 2, 3, dtype=torch.float64, generator=generator)
    student, teacher, rainy = maps.unbind()

    assert torch.autograd.gradcheck(
        lambda student: contrastive_ratio(
            [student, 2 * student], [teacher] * 2, [rainy] * 2, (1, 3)
        ),
        (student.requires_grad_(),),
    )


def test_pictures_are_compared_by_their_features() -> None:
    student, teacher, rainy = flat(0.5), flat(0.4), flat(0.9)

    found = ContrastiveLoss(HalvedColours())(student, teacher, rainy)

    assert found.item() == pytest.approx(1.25 * 0.1 / 0.4, rel=1e-5)


def test_only_the_students_picture_keeps_a_graph() -> None:
    pictures = [flat(value).requires_grad_() for value in (0.5, 0.4, 0.9)]

    ContrastiveLoss(HalvedColours())(*pictures).backward()

    assert [picture.grad is not None for picture in pictures] == [True, False, False]
