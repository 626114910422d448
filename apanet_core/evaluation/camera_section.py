"""The table of the kinds of cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from apanet_core.data.camera import CameraPair
from apanet_core.evaluation.camera_comparison import (
    CameraSummary,
    compare_cameras,
    summarise_cameras,
)
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.quality import known_mean
from apanet_core.evaluation.section import Part, Section
from apanet_core.evaluation.tables import MISSING, Table, figure
from apanet_core.evaluation.trials import Trials

HEADER = (
    "camera",
    "PSNR in",
    "PSNR out",
    "gain",
    "brightness",
    "worst",
    "in",
    "dry",
    "least gain",
    "picture",
)
EXPLANATION = (
    "Rain falls before the camera. The clean picture is shown in the camera's tone, the rainy one "
    "in the same tone and with the camera's noise, mosaic and JPEG. Gain: PSNR over the rainy "
    "input, dB, mean of all rain. Brightness: mean of the output less that of the clean picture, "
    "levels of 255; worst: in the severity where it is farthest off. Dry: PSNR of dry pictures "
    "against what was put in. Least gain: of the worst picture."
)


def measure_cameras(
    methods: Sequence[Method], trials: Trials, cameras: Mapping[str, CameraPair], seed: int
) -> Section:
    """Measure all kinds of cameras; arguments as `compare_cameras`."""
    records = compare_cameras(methods, trials, cameras, seed)
    parts = [_part(method.name, summarise_cameras(records, method.name)) for method in methods]
    figures = [asdict(row) | {"gain": row.gain} for row in records]
    return Section("cameras", "Kinds of cameras", EXPLANATION, parts, figures)


def camera_table(rows: Sequence[CameraSummary]) -> Table:
    """Return a row a kind of camera and, of several, their mean."""
    cells = [_cells(row) for row in rows]
    if len(rows) > 1:
        means = [known_mean(getattr(row, name) for row in rows) for name in _MEANS]
        before, after, gain, dry = means
        psnr = (figure(before, "psnr"), figure(after, "psnr"), f"{gain:+.2f}")
        empty = MISSING
        cells.append(("mean", *psnr, empty, empty, empty, figure(dry, "psnr"), empty, empty))
    return Table(HEADER, cells)


def camera_remark(rows: Sequence[CameraSummary]) -> str:
    """Return the worst kind, and where brightness and dry pictures are worst."""
    least = min(rows, key=lambda row: row.gain)
    farthest = max(rows, key=lambda row: abs(row.worst_brightness))
    remark = (
        f"Worst kind: {least.camera}, {least.gain:+.2f} dB. Brightness is farthest off with "
        f"{farthest.camera} in {farthest.worst_severity}: {farthest.worst_brightness:+.1f} levels."
    )
    dry = [row for row in rows if row.dry_psnr == row.dry_psnr]
    if not dry:
        return remark
    lowest = min(dry, key=lambda row: row.dry_psnr)
    return f"{remark} Dry pictures come back worst with {lowest.camera}: {lowest.dry_psnr:.2f} dB."


_MEANS = ("input_psnr", "output_psnr", "gain", "dry_psnr")


def _part(method: str, rows: Sequence[CameraSummary]) -> Part:
    return Part(f"Kinds of cameras, {method}", camera_table(rows), camera_remark(rows))


def _cells(row: CameraSummary) -> tuple[str, ...]:
    return (
        row.camera,
        figure(row.input_psnr, "psnr"),
        figure(row.output_psnr, "psnr"),
        f"{row.gain:+.2f}",
        f"{row.brightness:+.1f}",
        f"{row.worst_brightness:+.1f}",
        row.worst_severity,
        figure(row.dry_psnr, "psnr"),
        f"{row.worst.gain:+.2f}",
        f"{row.worst.name}, {row.worst.weather}",
    )
