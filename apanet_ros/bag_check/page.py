"""The check as a page to keep or to send on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.html_report.html_report import HtmlReport
from apanet_ros.bag_check.plot import stamps_figure
from apanet_ros.bag_check.table import camera_rows, pair_rows, skew_rows

if TYPE_CHECKING:
    from apanet_ros.bag_check.check import BagCheck


def write_page(check: BagCheck, path: Path) -> None:
    """Write verdict, tables, plot and one pair as a page that needs nothing else."""
    survey, verdict = check.survey, check.verdict
    page = HtmlReport(f"{survey.path.name}: {'fit' if verdict.fit else 'not fit'} for deraining")
    page.heading("Verdict")
    for sentence in (*verdict.reasons, *verdict.warnings) or ("Nothing is wrong with it.",):
        page.paragraph(sentence)
    page.heading("Cameras")
    page.table(("", "left", "right"), camera_rows(survey, check.pairing, check.looks))
    page.table(("", "both"), pair_rows(survey, check.pairing, check.looks))
    page.heading("Stamps")
    page.figure(
        stamps_figure(survey, check.pairing),
        "Skew of the pairs; intervals of each camera, below zero where stamps go back.",
    )
    page.table(("skew", "pairs"), [(name, str(count)) for name, count in skew_rows(check.pairing)])
    if verdict.parameters:
        page.heading("Parameters of the node")
        values = [(name, str(value)) for name, value in verdict.parameters.items()]
        page.table(("parameter", "value"), values)
    if check.looks.views is not None:
        page.heading("A pair")
        for name, view in zip(("Left", "Right"), check.looks.views, strict=True):
            page.picture(view, f"{name} view")
    page.write(path)
