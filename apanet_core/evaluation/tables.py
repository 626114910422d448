"""Results as tables: Markdown for model cards, the same cells for a report's page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from apanet_core.evaluation.comparison import LUMA, Comparison
from apanet_core.evaluation.flicker import Flicker
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.quality import Quality, StereoQuality
from apanet_core.evaluation.rain_removal import RainRemoval
from apanet_core.evaluation.show import WEATHER

DIGITS = {"psnr": 2, "ssim": 4, "psnr_y": 2, "ssim_y": 4, "lpips": 4}
TITLES = {"psnr": "PSNR", "ssim": "SSIM", "psnr_y": "PSNR-Y", "ssim_y": "SSIM-Y"}
MISSING = "–"

Row = TypeVar("Row", Quality, StereoQuality)


class Table(NamedTuple):
    """Cells as they are read: a title for every column, and rows of as many cells."""

    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def markdown(table: Table) -> str:
    """Return a table whose columns but the first stand to the right."""
    lines = [table.header, ("---", *["---:"] * (len(table.header) - 1)), *table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def summary_table(found: Comparison, lpips: str = "LPIPS") -> Table:
    """Return one row a method, in the form of the paper's table, over all weathers but dry.

    Args:
        found: of the methods.
        lpips: the title of the perceptual distance.
    """
    titles = {**TITLES, "lpips": lpips}
    measured = found.measured
    # One empty column says that LPIPS was not measured; more of them say no more.
    columns: list[tuple[str | None, str]] = [
        (None, measure) for measure in titles if measure in (*measured, "lpips")
    ]
    if len(found.views) > 1:
        # Luma stands beside RGB once: a column a view would make the table too wide to read.
        of_views = [measure for measure in measured if measure not in LUMA]
        columns += [(view, measure) for view in found.views for measure in of_views]
    header = [f"{titles[measure]} {view or ''}".strip() for view, measure in columns]
    rows = [
        (method.name, *_size(method), *(_mean(found, method, *column) for column in columns))
        for method in found.methods
    ]
    return Table(("method", "parameters", "GMACs", *header), rows)


def weather_table(found: Comparison, measure: str) -> Table:
    """Return one row a method and one column a weather, of one measure, and the mean."""
    rows = [
        (
            method.name,
            *(_mean(found, method, None, measure, weather) for weather in found.weathers),
            _mean(found, method, None, measure),
        )
        for method in found.methods
    ]
    return Table(("method", *found.weathers, "mean"), rows)


def rain_removal_tables(found: RainRemoval, lpips: str = "LPIPS") -> str:
    """Return a row per weather and their mean, the loss on dry pairs, and how the views fit."""
    title = "weather" if list(found.weathers) == [WEATHER] else "severity"
    parts = [markdown(quality_table(title, with_mean(found.weathers, found.mean), lpips))]
    if not math.isnan(found.clear_psnr):
        parts.append(f"Rain-free pairs come back at {found.clear_psnr:.2f} dB against themselves.")
    if found.stereo_mean is not None:
        parts.append(markdown(stereo_table(title, with_mean(found.stereo, found.stereo_mean))))
    return "\n\n".join(parts)


def quality_table(title: str, rows: Sequence[tuple[str, Quality]], lpips: str = "LPIPS") -> Table:
    """Return PSNR in dB, SSIM and, where measured, those of luma and LPIPS: in, out, gained."""
    titles = {**TITLES, "lpips": lpips}
    known = [name for name in titles if not all(math.isnan(_pair(row, name)[1]) for _, row in rows)]
    header = [
        title for name in known for title in (f"{titles[name]} in", f"{titles[name]} out", "gain")
    ]
    cells = [
        (name, *(cell for measure in known for cell in _gain(row, measure))) for name, row in rows
    ]
    return Table((title, *header), cells)


def stereo_table(title: str, rows: Iterable[tuple[str, StereoQuality]]) -> Table:
    """Return the views' difference as a multiple of the clean one, and the bad disparities."""
    header = (title, "views differ, in", "out", "bad-3px in", "out", "fewer")
    cells = [
        (
            name,
            f"×{row.input_ratio:.2f}",
            f"×{row.output_ratio:.2f}",
            f"{row.input_bad:.1%}",
            f"{row.output_bad:.1%}",
            f"{row.bad_reduction:.1%}",
        )
        for name, row in rows
    ]
    return Table(header, cells)


def flicker_table(found: Flicker) -> Table:
    """Return one row: the flicker of input and output, what it may owe to chance and contrast."""
    error = "" if math.isnan(found.change_error) else f" ± {found.change_error:.2f}"
    cells = (
        str(found.steps + 1),
        f"{found.input:.2f}",
        f"{found.output:.2f}",
        f"{found.change:+.2f}{error}",
        MISSING if math.isnan(found.contrast) else f"×{found.contrast:.2f}",
        f"{found.followed:.1%}",
    )
    header = ("frames", "flicker in", "flicker out", "change", "contrast", "followed")
    return Table(header, [cells])


def figure(value: float, measure: str) -> str:
    """Return a value with as many digits as its measure has; a dash where it is not known."""
    return MISSING if math.isnan(value) else f"{value:.{DIGITS[measure]}f}"


def with_mean(rows: Mapping[str, Row], mean: Row) -> list[tuple[str, Row]]:
    """Return the rows and, where there are several, their mean as the last."""
    named: list[tuple[str, Row]] = list(rows.items())
    if len(named) > 1:
        named.append(("mean", mean))
    return named


def _mean(
    found: Comparison, method: Method, view: str | None, measure: str, weather: str | None = None
) -> str:
    return figure(found.mean(method.name, measure, weather, view), measure)


def _size(method: Method) -> tuple[str, str]:
    parameters, gmacs = method.parameters, method.gmacs
    return (
        MISSING if parameters is None else f"{parameters:,}",
        MISSING if gmacs is None else f"{gmacs:.2f}",
    )


def _pair(row: Quality, measure: str) -> tuple[float, float]:
    before, after = (getattr(row, f"{side}_{measure}") for side in ("input", "output"))
    return before, after


def _gain(row: Quality, measure: str) -> tuple[str, str, str]:
    """Return in, out, and how much better it is; of LPIPS less is better."""
    before, after = _pair(row, measure)
    gained = before - after if measure == "lpips" else after - before
    change = MISSING if math.isnan(gained) else f"{gained:+.{DIGITS[measure]}f}"
    return figure(before, measure), figure(after, measure), change
