"""How a comparison was measured, for the record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """What somebody needs to measure the same again.

    Attributes:
        folder: of the pictures.
        what: how many pairs or pictures.
        cut: `whole`, or `tiled` as in the paper's evaluation.
        seed: of the rendered rain; `None` where the rain was given.
        lpips: which weights measure the perceptual distance, or why it is empty.
        lpips_title: `LPIPS`, or `ST-LPIPS`, which is another measure.
        veil_removal: of the models, 0 to 1.
        machine, commit: where it was measured, and with which code.
    """

    folder: str
    what: str
    cut: str
    seed: int | None
    lpips: str
    lpips_title: str
    machine: str
    commit: str
    veil_removal: float = 1.0

    @property
    def sentence(self) -> str:
        """Folder, number, cut, seed and what is left of the veil, in one sentence."""
        rain = "" if self.seed is None else f", rain rendered with seed {self.seed}"
        veil = "" if self.veil_removal == 1 else f", veil removal {self.veil_removal:g}"
        return f"{self.folder}: {self.what}{rain}; pictures derained {self.cut}{veil}."
