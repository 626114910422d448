"""A comparison as a folder: a page to read, and the figures for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from apanet_core.evaluation.comparison import LUMA, Comparison
from apanet_core.evaluation.examples import (
    ERROR_LEVELS,
    Example,
    at_most_wide,
    choose_examples,
    error_map,
    most_gained,
    most_left,
)
from apanet_core.evaluation.figure_files import write_csv, write_json
from apanet_core.evaluation.method import INPUT, Method
from apanet_core.evaluation.plots import gain_plot, weather_plot, work_plot
from apanet_core.evaluation.protocol import Protocol
from apanet_core.evaluation.rain_removal import rain_removal
from apanet_core.evaluation.section import Section
from apanet_core.evaluation.tables import (
    TITLES,
    Table,
    figure,
    quality_table,
    stereo_table,
    summary_table,
    weather_table,
    with_mean,
)
from apanet_core.evaluation.trials import DRY, Trial, Trials
from apanet_core.evaluation.worse_list import worse_sentence, worse_table
from apanet_core.html_report.html_report import HtmlReport
from apanet_core.imaging.types import ByteImage
from apanet_core.output_files import written_aside

PAGE, CSV, JSON = REPORT_NAMES = "report.html", "figures.csv", "figures.json"
GLANCE_PX = 640

READING = (
    "PSNR (dB, at most 60 a picture) and SSIM are higher for a better picture; LPIPS, a distance "
    "of deep features, is lower. All compare with the clean picture. PSNR-Y and SSIM-Y are of "
    "the luma alone, as deraining papers count them. GMACs are counted for one pair of 128 x 128 "
    "pixels, as the paper counts them."
)


def write_report(
    found: Comparison,
    trials: Trials,
    protocol: Protocol,
    folder: Path,
    force: bool = False,
    sections: Sequence[Section] = (),
) -> None:
    """Write `report.html`, `figures.csv` and `figures.json`: all three, or nothing.

    Args:
        found: what was measured.
        trials: of it; those that the page shows are derained once more.
        protocol: how it was measured.
        folder: to make.
        force: whether to replace one that is there.
        sections: what else was measured.

    Raises:
        ConfigError: the folder is there and may not be replaced.
    """
    with written_aside(folder, force) as aside:
        aside.mkdir()
        write_csv(found, aside / CSV)
        write_json(found, protocol, aside / JSON, sections)
        report_page(found, trials, protocol, sections).write(aside / PAGE)


def report_page(
    found: Comparison, trials: Trials, protocol: Protocol, sections: Sequence[Section] = ()
) -> HtmlReport:
    """Return the page: summary, plots, examples to look at, severities, other sections."""
    page = HtmlReport(f"Deraining {'/'.join(Path(protocol.folder).parts[-2:])}")
    page.paragraph(protocol.sentence)
    _summary(page, found, protocol)
    _plots(page, found, protocol)
    for example in choose_examples(found, _first(found).name):
        _example(page, found, trials[example.trial], example, protocol)
    if len(found.weathers) > 1:
        _severities(page, found, protocol)
    _worse(page, found)
    if found.fits:
        _fits(page, found)
    for section in sections:
        _section(page, section)
    _about(page, found, protocol)
    return page


def _first(found: Comparison) -> Method:
    return next(method for method in found.methods if method.learned)


def _summary(page: HtmlReport, found: Comparison, protocol: Protocol) -> None:
    page.heading("Summary")
    page.paragraph(READING)
    _table(page, summary_table(found, protocol.lpips_title), "Means over all rain")
    page.paragraph(protocol.lpips)
    if any(row.weather == DRY for row in found.records):
        dry = ", ".join(
            f"{method.name} {found.mean(method.name, 'psnr', DRY):.2f} dB"
            for method in found.methods
            if method.name != INPUT
        )
        page.paragraph(f"Dry pairs, which should stay as they are, come back at: {dry}.")


def _severities(page: HtmlReport, found: Comparison, protocol: Protocol) -> None:
    page.heading("Severities")
    for measure, label in _labels(found, protocol).items():
        _table(page, weather_table(found, measure), f"{label} per severity")
    for method in found.methods:
        if method.learned:
            gained = rain_removal(found, method.name)
            rows = with_mean(gained.weathers, gained.mean)
            _table(
                page,
                quality_table("severity", rows, protocol.lpips_title),
                f"What {method.name} gains",
            )


def _worse(page: HtmlReport, found: Comparison) -> None:
    page.heading("What came out worse than it went in")
    for method in found.methods:
        if method.name != INPUT:
            page.paragraph(worse_sentence(found, method.name))
    if found.worse:
        page.paragraph(REASONS)
        _table(page, worse_table(found), "Worse than they went in, and what shows")


def _fits(page: HtmlReport, found: Comparison) -> None:
    page.heading("Do the views still fit each other?")
    page.paragraph(
        "How far the views differ along the clean pair's disparity, as a multiple of the clean "
        "pair's own difference, and the share of disparities from semi-global matching that are "
        "missing or wrong by over 3 pixels."
    )
    gains = {method: rain_removal(found, method.name) for method in found.methods[1:]}
    means = [
        (method.name, gained.stereo_mean)
        for method, gained in gains.items()
        if gained.stereo_mean is not None
    ]
    _table(page, stereo_table("method", means), "Means over all rain")
    for method, gained in gains.items():
        if method.learned and gained.stereo_mean is not None and len(gained.stereo) > 1:
            rows = with_mean(gained.stereo, gained.stereo_mean)
            _table(page, stereo_table("severity", rows), f"Views derained by {method.name}")


def _section(page: HtmlReport, section: Section) -> None:
    page.heading(section.title)
    page.paragraph(section.explanation)
    for part in section.parts:
        _table(page, part.table, part.caption)
        page.paragraph(part.remark)


def _plots(page: HtmlReport, found: Comparison, protocol: Protocol) -> None:
    page.heading("Plots")
    if len(found.weathers) > 1:
        for measure, label in _labels(found, protocol).items():
            if measure in LUMA:  # looks as in RGB, a little higher
                continue
            plot = weather_plot(found, measure, label)
            page.figure(plot, f"Mean {label} per severity; the dashed line is the rainy input.")
    page.figure(
        gain_plot(found),
        "PSNR gained over the rainy input, view by view: median, quartiles, and whiskers to the "
        "smallest and largest. Below the dashed line a view got worse.",
    )
    work = work_plot(found)
    if work is not None:
        page.figure(work, "Mean PSNR against work, which is drawn logarithmically.")


REASONS = (
    "What shows is the part of the error that grew most: tone is what is wrong over large areas, "
    "texture is detail of the clean picture that is missing, streaks are fine structure that it "
    "does not have."
)


class _Look(NamedTuple):
    """What is seen of one trial.

    Attributes:
        title: which trial, which weather.
        view: what the first view is called.
        name: of the method that the sliders show.
        rainy, derained, clean: of it: two views or one picture, uint8 RGB.
        outputs: of every method, the input among them, by name.
    """

    title: str
    view: str
    name: str
    rainy: tuple[ByteImage, ...]
    derained: tuple[ByteImage, ...]
    clean: tuple[ByteImage, ...]
    outputs: dict[str, tuple[ByteImage, ...]]


def _example(
    page: HtmlReport, found: Comparison, trial: Trial, example: Example, protocol: Protocol
) -> None:
    name = _first(found).name
    outputs = {method.name: method.apply(trial.rainy) for method in found.methods}
    title = f"{trial.name}, {trial.weather}"
    view = "left view" if len(trial.clean) > 1 else "picture"
    look = _Look(title, view, name, trial.rainy, outputs[name], trial.clean, outputs)
    page.heading(f"{title}: {example.gain:+.2f} dB")
    page.paragraph(f"Chosen by {name}: {example.reason}.")
    _sliders(page, look)
    _right_view(page, look)
    _errors(page, look)
    _crops(page, look)
    _table(page, _example_table(found, example, protocol), f"Figures of {title}")


def _sliders(page: HtmlReport, look: _Look) -> None:
    caption, derained = f"{look.title}, {look.view}", f"derained by {look.name}"
    page.slider(look.rainy[0], look.derained[0], caption, ("rainy", derained))
    page.slider(look.derained[0], look.clean[0], caption, (derained, "clean"))


def _right_view(page: HtmlReport, look: _Look) -> None:
    if len(look.clean) > 1:
        pictures = {"rainy": look.rainy[1], look.name: look.derained[1], "clean": look.clean[1]}
        page.gallery(_glances(pictures), f"{look.title}, right view")


def _errors(page: HtmlReport, look: _Look) -> None:
    errors = {name: error_map(output[0], look.clean[0]) for name, output in look.outputs.items()}
    page.gallery(
        _glances(errors),
        f"{look.title}, {look.view}: absolute error, from 0 (black) to {ERROR_LEVELS} of 255 "
        "levels and more (pale yellow)",
    )


def _crops(page: HtmlReport, look: _Look) -> None:
    rainy, derained, clean = look.rainy[0], look.derained[0], look.clean[0]
    pictures = {name: output[0] for name, output in look.outputs.items()} | {"clean": clean}
    windows = {
        "most error is gone": most_gained(rainy, derained, clean),
        "most error is left": most_left(derained, clean),
    }
    for what, (rows, columns) in windows.items():
        page.gallery(
            [(name, picture[rows, columns]) for name, picture in pictures.items()],
            f"{look.title}, {look.view}, where {what}: crops at column {columns.start}, "
            f"row {rows.start}, enlarged",
        )


def _example_table(found: Comparison, example: Example, protocol: Protocol) -> Table:
    labels = _labels(found, protocol)
    columns = [(measure, view) for measure in labels for view in found.views]
    rows = {(row.method, row.view): row for row in found.records if row.trial == example.trial}
    cells = [
        (
            method.name,
            *(
                figure(getattr(rows[method.name, view], measure), measure)
                for measure, view in columns
            ),
        )
        for method in found.methods
    ]
    several = len(found.views) > 1
    header = [f"{labels[measure]} {view if several else ''}".strip() for measure, view in columns]
    return Table(("method", *header), cells)


def _about(page: HtmlReport, found: Comparison, protocol: Protocol) -> None:
    page.heading("How this was measured")
    page.paragraph(protocol.sentence)
    rows = [(method.name, method.description) for method in found.methods]
    _table(page, Table(("method", "what it is"), rows), "Methods")
    page.paragraph(f"On {protocol.machine}, apanet_ros at commit {protocol.commit}.")
    page.paragraph(f"Beside this page lie {CSV} (a line per view) and {JSON} (means as well).")


def _labels(found: Comparison, protocol: Protocol) -> dict[str, str]:
    """Return what was measured, with its label and unit."""
    labels = TITLES | {
        "psnr": "PSNR (dB)",
        "psnr_y": "PSNR-Y (dB)",
        "lpips": protocol.lpips_title,
    }
    return {name: labels[name] for name in found.measured}


def _glances(pictures: dict[str, ByteImage]) -> list[tuple[str, ByteImage]]:
    return [(name, at_most_wide(picture, GLANCE_PX)) for name, picture in pictures.items()]


def _table(page: HtmlReport, table: Table, caption: str) -> None:
    page.table(table.header, table.rows, caption)
