"""What an inference backend offers to the derainer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from apanet_core.imaging.types import AnyPicture

Mark = Callable[[str], None]
"""Is told the name of each stage of deraining when it ends; for measurements."""


def unmarked(_stage: str) -> None:
    """Be told of a stage and do nothing."""


class Backend(Protocol):
    """A loaded network on a device.

    Attributes:
        device: where it computes, for example `cpu` or `cuda:0`.
        description: what computes, for example `torch 2.13.0, 1.91 M parameters`.
        multiple: both sides of the images must be multiples of this many pixels.
        separates_veil: whether `veil_removal` below 1 can be asked for.
    """

    device: str
    description: str
    multiple: int
    separates_veil: bool

    def derain(
        self,
        left: AnyPicture,
        right: AnyPicture,
        mark: Mark = unmarked,
        veil_removal: float = 1.0,
    ) -> tuple[AnyPicture, AnyPicture]:
        """Derain RGB `[H,W,3]` views whose sides are multiples of `multiple`.

        Both are uint8, or both uint16 of full range; so is what comes out.

        The stages are `upload` (to the device, as numbers), `network` and `download`.
        `veil_removal`, 0 to 1, is the share of the veil that goes.
        """
        ...

    def working_bytes(self, height: int, width: int) -> int:
        """Estimate the memory that a pair of this size adds on the device."""
        ...
