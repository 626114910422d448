"""What is seen inside drops on the lens, where the other view knows better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from apanet_core.data.rainy_scene import RainyScene, SceneView
from apanet_core.evaluation.method import INPUT, Method, unchanged
from apanet_core.evaluation.quality import PSNR_CAP_DB
from apanet_core.evaluation.section import Part, Section
from apanet_core.evaluation.tables import MISSING, Table, figure
from apanet_core.evaluation.trials import WEATHERS, RenderedRain
from apanet_core.imaging.types import ByteImage
from apanet_core.progress import progress

HIDDEN = 0.5
"""A pixel lies inside a drop where drops hide at least this share of it."""

EXPLANATION = (
    "PSNR, dB, of all pixels of which drops on the lens hide half or more (inside), and of all "
    "others (outside), both views together; each view has drops of its own, so the other view "
    "shows what they hide. Hidden: the share of pixels that lie inside."
)
HEADER = ("severity", "hidden", "inside, in", "out", "gain", "outside, in", "out", "gain")


@dataclass(frozen=True)
class LensDropRecord:
    """One view of one trial as one method returned it, inside drops on its lens and outside.

    Attributes:
        method: its name; `INPUT` for the rainy views as they are.
        name, weather: of the trial.
        view: `left` or `right`.
        inside, outside: number of pixels.
        inside_error, outside_error: sums over them of the squared error, mean of the channels,
            levels of 255 squared.
    """

    method: str
    name: str
    weather: str
    view: str
    inside: int
    outside: int
    inside_error: float
    outside_error: float


def measure_inside_lens_drops(methods: Sequence[Method], trials: RenderedRain) -> Section:
    """Measure all rainy trials; arguments as `compare_inside_lens_drops`."""
    records = compare_inside_lens_drops(methods, trials)
    remark = lens_drop_remark(records)
    parts = [
        Part(f"Inside lens drops, {method.name}", lens_drop_table(records, method.name), remark)
        for method in methods
    ]
    figures = [asdict(row) for row in records]
    return Section("lens_drops", "Inside drops on the lens", EXPLANATION, parts, figures)


def compare_inside_lens_drops(
    methods: Sequence[Method], trials: RenderedRain
) -> list[LensDropRecord]:
    """Derain every rainy trial, both views true, and measure inside drops and outside.

    Args:
        methods: what derains; the input is measured too.
        trials: pairs.
    """
    records: list[LensDropRecord] = []
    for index in progress(range(len(trials)), "lens drops", unit=trials.unit):
        if index % len(WEATHERS):  # the first is dry
            scene = trials.rainy_scene(index)
            for method in (unchanged(), *methods):
                records += _measured(method, trials.labels(index), scene)
    return records


def lens_drop_table(records: Sequence[LensDropRecord], method: str) -> Table:
    """Return a row a severity and one of all, for one method against the input."""
    severities = list(dict.fromkeys(row.weather for row in records))
    cells = []
    for severity in (*severities, None):
        rows = [row for row in records if severity in (None, row.weather)]
        before = [row for row in rows if row.method == INPUT]
        after = [row for row in rows if row.method == method]
        cells.append((severity or "all", f"{hidden_share(after):.2%}", *_psnr_cells(before, after)))
    return Table(HEADER, cells)


def lens_drop_remark(records: Sequence[LensDropRecord]) -> str:
    """Return how many views have drops."""
    views = [row for row in records if row.method == INPUT]
    with_drops = sum(row.inside > 0 for row in views)
    return f"{with_drops} of {len(views)} views have drops on their lens."


def hidden_share(records: Iterable[LensDropRecord]) -> float:
    """Return the share of pixels that lie inside drops, 0 to 1."""
    rows = list(records)
    return sum(row.inside for row in rows) / sum(row.inside + row.outside for row in rows)


def region_psnr(records: Iterable[LensDropRecord], region: str) -> float:
    """Return the PSNR in dB of all pixels of a region together; NaN where it has none.

    Args:
        records: of one method.
        region: `inside` or `outside`.
    """
    rows = list(records)
    pixels = sum(getattr(row, region) for row in rows)
    error = sum(getattr(row, f"{region}_error") for row in rows)
    if not pixels:
        return math.nan
    return min(10 * math.log10(255**2 * pixels / error), PSNR_CAP_DB) if error else PSNR_CAP_DB


def _measured(
    method: Method, labels: tuple[str, str], scene: RainyScene
) -> Iterable[LensDropRecord]:
    left, right = method.derain(scene.left.rainy, scene.right.rainy)
    yield _record(method.name, labels, "left", scene.left, left)
    yield _record(method.name, labels, "right", scene.right, right)


def _record(
    method: str, labels: tuple[str, str], side: str, view: SceneView, output: ByteImage
) -> LensDropRecord:
    squared = ((output.astype(np.float64) - view.clean) ** 2).mean(axis=2)
    inside = view.on_lens >= HIDDEN
    return LensDropRecord(
        method,
        *labels,
        side,
        inside=int(inside.sum()),
        outside=int((~inside).sum()),
        inside_error=float(squared[inside].sum()),
        outside_error=float(squared[~inside].sum()),
    )


def _psnr_cells(before: Sequence[LensDropRecord], after: Sequence[LensDropRecord]) -> Iterable[str]:
    for region in ("inside", "outside"):
        old, new = region_psnr(before, region), region_psnr(after, region)
        gain = MISSING if math.isnan(new - old) else f"{new - old:+.2f}"
        yield from (figure(old, "psnr"), figure(new, "psnr"), gain)
