"""PSNR as a loss: the logarithm of each picture's own mean squared error."""

from __future__ import annotations

from torch import Tensor


def psnr_loss(output: Tensor, target: Tensor, floor: float = 1e-5) -> Tensor:
    """Return the natural logarithm of each picture's mean squared error, averaged over the batch.

    PSNR in dB is -4.34 times the logarithm. Each picture is weighed by its own error (the gradient
    is that of the squared error, divided by it), so drizzle counts as much as violent rain, which
    a plain mean squared error lets drown everything else.

    Args:
        output, target: float `[B,C,H,W]` in [0, 1].
        floor: added to the squared error, so that a picture that is already right stops counting:
            1e-5 is 50 dB.

    Returns:
        A scalar, `log(floor)` for equal images.
    """
    error = (output - target).square().mean(dim=(1, 2, 3))
    return (error + floor).log().mean()
