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

    @property
    def sentence(self) -> str:
        """Folder, number, cut and seed in one sentence."""
        rain = "" if self.seed is None else f", rain rendered with seed {self.seed}"
        return f"{self.folder}: {self.what}{rain}; pictures derained {self.cut}."
