"""Methods side by side on the same rain: every figure kept, and their means."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from apanet_core.errors import ImageError
from apanet_core.evaluation.consistency import view_difference
from apanet_core.evaluation.derain import Views
from apanet_core.evaluation.method import INPUT, Method, unchanged
from apanet_core.evaluation.quality import capped_psnr, known_mean
from apanet_core.evaluation.show import Show
from apanet_core.evaluation.stereo_matching import bad_share
from apanet_core.evaluation.trials import DRY, Trial, Trials
from apanet_core.evaluation.worse import LEAST_LOSS_DB, Worse, reason_worse
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import ByteImage, FloatMap, Picture
from apanet_core.imaging.white_level import eight_bits
from apanet_core.metrics import luma, ssim
from apanet_core.progress import progress

LUMA = ("psnr_y", "ssim_y")
MEASURES = ("psnr", "ssim", *LUMA, "lpips")
"""The figures of `Record`, in the order of tables and files."""

VIEWS = {1: ("picture",), 2: ("left", "right")}

Perceptual = Callable[[ByteImage, ByteImage], float]
"""Distance of two pictures, uint8 RGB `[H,W,3]`: LPIPS, or another such measure."""


@dataclass(frozen=True)
class Record:
    """One view of one trial, as one method returned it, against the clean view.

    Attributes:
        method: its name.
        trial: index of the trial.
        name, weather: of the trial.
        view: `left`, `right`, or `picture` for a single one.
        psnr: dB, at most `PSNR_CAP_DB`.
        ssim: -1 to 1.
        lpips: 0 for equal pictures; NaN where it was not measured.
        psnr_y, ssim_y: of the luma alone; NaN where they were not measured.
    """

    method: str
    trial: int
    name: str
    weather: str
    view: str
    psnr: float
    ssim: float
    lpips: float = math.nan
    psnr_y: float = math.nan
    ssim_y: float = math.nan


@dataclass(frozen=True)
class Fit:
    """How the two views of one trial fit each other, as one method returned them.

    Attributes:
        method: its name.
        weather: of the trial.
        clean_difference, difference: `view_difference` of the clean pair, and of this one.
        bad: `bad_share` against the clean pair's disparity.
    """

    method: str
    weather: str
    clean_difference: float
    difference: float
    bad: float


@dataclass(frozen=True)
class Comparison:
    """All that was measured.

    Attributes:
        methods: the input first.
        records: in the order measured.
        fits: the same of pairs; empty where they were not asked for.
        worse: what came out worse than it went in, of the rainy trials.
    """

    methods: tuple[Method, ...]
    records: tuple[Record, ...]
    fits: tuple[Fit, ...] = ()
    worse: tuple[Worse, ...] = ()

    @property
    def weathers(self) -> list[str]:
        """Every weather but `DRY`, in the order met."""
        return [name for name in _distinct(row.weather for row in self.records) if name != DRY]

    @property
    def views(self) -> list[str]:
        """`left` and `right`, or `picture`."""
        return _distinct(row.view for row in self.records)

    @property
    def measured(self) -> list[str]:
        """The figures of `Record` that are known of the input."""
        return [name for name in MEASURES if not math.isnan(self.mean(INPUT, name))]

    def mean(
        self, method: str, measure: str, weather: str | None = None, view: str | None = None
    ) -> float:
        """Return the mean of a measure over the records of a method; NaN where none is known.

        Args:
            method: its name.
            measure: one of `MEASURES`.
            weather: one of them; by default all but `DRY`.
            view: one of them; by default all.
        """
        return known_mean(
            getattr(row, measure)
            for row in self.records
            if row.method == method
            and (row.weather == weather if weather else row.weather != DRY)
            and (view is None or row.view == view)
        )


def compare(
    methods: Sequence[Method],
    trials: Trials,
    *,
    stereo: bool = False,
    perceptual: Perceptual | None = None,
    show: Show | None = None,
) -> Comparison:
    """Derain every trial by every method and measure what comes out; the input is measured too.

    Args:
        methods: what derains; the input is added as the first.
        trials: one at least.
        stereo: whether to measure as well how the views fit each other, which takes longer.
        perceptual: measures `Record.lpips`.
        show: is shown every trial but the dry ones: rainy, what each method made of it, clean.

    Raises:
        ImageError: a trial cannot be read or measured; the message names it.
    """
    methods = (unchanged(), *methods)
    records: list[Record] = []
    fits: list[Fit] = []
    worse: list[Worse] = []
    reference = _Reference()
    for index in progress(range(len(trials)), "evaluate", unit=trials.unit):
        trial = trials[index]
        outputs = [tuple(map(eight_bits, method.apply(trial.rainy))) for method in methods]
        # Measured in 8 bits, so that figures compare with those of any other picture.
        clean = tuple(map(eight_bits, trial.clean))
        measured = [
            list(_measured(method.name, index, trial, clean, output, perceptual))
            for method, output in zip(methods, outputs, strict=True)
        ]
        records += chain(*measured)
        if trial.weather == DRY:
            continue
        for rows, output in zip(measured, outputs, strict=True):
            worse += _worse(measured[0], rows, trial, output)
        if stereo:
            fits += reference.fits(methods, trial, clean, outputs)
        if show is not None:
            show(trial.number, trial.weather, (*outputs, clean))
    return Comparison(methods, tuple(records), tuple(fits), tuple(worse))


def _measured(
    method: str,
    index: int,
    trial: Trial,
    cleans: Sequence[ByteImage],
    output: Sequence[ByteImage],
    perceptual: Perceptual | None,
) -> Iterable[Record]:
    for view, image, clean in zip(VIEWS[len(output)], output, cleans, strict=True):
        luma_image, luma_clean = luma(image), luma(clean)
        try:
            yield Record(
                method,
                index,
                trial.name,
                trial.weather,
                view,
                psnr=capped_psnr(image, clean),
                ssim=ssim(image, clean),
                lpips=perceptual(image, clean) if perceptual is not None else math.nan,
                psnr_y=capped_psnr(luma_image, luma_clean),
                ssim_y=ssim(luma_image, luma_clean),
            )
        except ImageError as error:
            raise ImageError(f"Cannot measure {trial.name}: {error}") from error


def _worse(
    before: Sequence[Record], after: Sequence[Record], trial: Trial, output: Sequence[ByteImage]
) -> Iterable[Worse]:
    views = zip(before, after, trial.rainy, output, trial.clean, strict=True)
    for old, new, rainy, derained, clean in views:
        gain = new.psnr - old.psnr
        if gain < -LEAST_LOSS_DB:
            reason = reason_worse(rainy, derained, clean)
            yield Worse(new.method, new.trial, new.name, new.weather, new.view, gain, reason)


class _Reference:
    """The disparity of the clean pair at hand, matched once for all weathers and methods."""

    def __init__(self) -> None:
        self._of: Picture | None = None
        self._disparity: FloatMap | None = None

    def fits(
        self,
        methods: Sequence[Method],
        trial: Trial,
        clean: tuple[ByteImage, ...],
        outputs: Sequence[tuple[ByteImage, ...]],
    ) -> Iterable[Fit]:
        left, right = clean
        if self._disparity is None or trial.clean[0] is not self._of:
            self._of, self._disparity = trial.clean[0], match_disparity(left, right)
        clean_difference = view_difference((left, right), self._disparity)
        for method, output in zip(methods, outputs, strict=True):
            views: Views = (output[0], output[1])
            bad = bad_share(match_disparity(*views), self._disparity)
            difference = view_difference(views, self._disparity)
            yield Fit(method.name, trial.weather, clean_difference, difference, bad)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
