"""What was found in a bag, as text for a terminal and as rows for a page."""

from __future__ import annotations

from collections.abc import Sequence

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.regularity import regularity
from apanet_core.streaming.skew import SkewHistogram
from apanet_core.streaming.statistics import percentile
from apanet_ros.bag_check.looks import Looks
from apanet_ros.bag_check.pairing_advice import Pairing
from apanet_ros.bag_check.survey import BagSurvey, CameraSurvey
from apanet_ros.bag_check.verdict import baseline_m, calibrations

BAR_WIDTH = 40
_MILLISECOND = 1e6


def camera_rows(survey: BagSurvey, pairing: Pairing, looks: Looks) -> list[tuple[str, str, str]]:
    """Return what was counted of each camera: the name of a thing, left and right."""
    columns = [_camera_values(survey, side, pairing, looks) for side in Side]
    return [(name, columns[0][name], columns[1][name]) for name in columns[0]]


def pair_rows(survey: BagSurvey, pairing: Pairing, looks: Looks) -> list[tuple[str, str]]:
    """Return what was found of both cameras together."""
    skews = [skew / _MILLISECOND for skew in pairing.skews]
    metres = baseline_m(survey)
    rows = [
        ("pairs", f"{len(pairing.pairs)} of {pairing.possible} possible"),
        ("skew, right minus left, median", f"{percentile(skews, 0.5):.2f} ms"),
        ("95 % of the skews are within", f"{percentile([abs(s) for s in skews], 0.95):.2f} ms"),
        ("rows of the views differ by", _pixels(looks.row_offset)),
    ]
    if looks.rectified_offset is not None and looks.rectified_offset != looks.row_offset:
        rows.append(("once rectified by", _pixels(looks.rectified_offset)))
    rows.append(("median disparity", _pixels(looks.disparity)))
    rows.append(("baseline", "not known" if metres is None else f"{metres:.4g} m"))
    return rows


def skew_rows(pairing: Pairing) -> list[tuple[str, int]]:
    """Return the pairs of each bin of the node's histogram, in its order."""
    histogram = SkewHistogram()
    for skew in pairing.skews:
        histogram.add(skew)
    return [(f"{_bound(name)} ms", count) for name, count in histogram.snapshot().bins.items()]


def as_text(survey: BagSurvey, pairing: Pairing, looks: Looks) -> str:
    """Return everything for a terminal."""
    title = f"{survey.path}: {survey.storage}, {survey.seconds:.1f} s"
    cameras = _aligned([("", "left", "right"), *camera_rows(survey, pairing, looks)])
    pairs = _aligned(pair_rows(survey, pairing, looks))
    return f"{title}\n\n{cameras}\n\n{pairs}\n\n{_bars(skew_rows(pairing))}"


def _camera_values(survey: BagSurvey, side: Side, pairing: Pairing, looks: Looks) -> dict[str, str]:
    camera = survey.cameras[side]
    found = regularity(camera.stamps.known_ns)
    return {
        "images on": camera.topic.name,
        "images": str(camera.images),
        "damaged": str(camera.damaged),
        "without a partner": str(camera.images - len(pairing.pairs)),
        "size and encoding": _formats(camera, side, looks),
        "rate": f"{found.rate:.2f} Hz",
        "longest interval": f"{found.longest / _MILLISECOND:.1f} ms",
        "gaps": f"{found.gaps}, {found.missing} images missing" if found.gaps else "0",
        "stamps that go back": str(found.backwards),
        "camera_infos": f"{camera.infos} on {camera.info_topic}",
        "focal length": _focal_length(survey, side),
    }


def _formats(camera: CameraSurvey, side: Side, looks: Looks) -> str:
    kinds = ", ".join(sorted(camera.formats)) or "not known"
    if " x " in kinds or looks.size is None:
        return kinds
    width, height = looks.size[0 if side is Side.LEFT else 1]
    return f"{width} x {height} {kinds}"


def _focal_length(survey: BagSurvey, side: Side) -> str:
    calibration = calibrations(survey).get(side)
    if calibration is None or not calibration.p[0]:
        return "not known"
    state = "rectified" if calibration.is_rectified else "with distortion"
    return f"{calibration.p[0]:.1f} px, {state}"


def _pixels(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f} px"


def _bound(name: str) -> str:
    return name.replace("to_", "to ").replace("over_", "over ")


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _bars(rows: Sequence[tuple[str, int]]) -> str:
    most = max((count for _, count in rows), default=0) or 1
    lines = [
        f"  {name:>11} {count:7}  {'#' * -(-count * BAR_WIDTH // most)}".rstrip()
        for name, count in rows
    ]
    return "\n".join(["pairs by skew", *lines])
