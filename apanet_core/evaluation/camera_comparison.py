"""What methods gain with every kind of camera."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apanet_core.data.camera import CameraPair
from apanet_core.evaluation.cameras import through_cameras
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.quality import capped_psnr, known_mean
from apanet_core.evaluation.trials import DRY, Trial, Trials
from apanet_core.imaging.types import ByteImage
from apanet_core.progress import progress


@dataclass(frozen=True)
class CameraRecord:
    """One trial as one kind of camera sends it and one method derains it, the mean of its views.

    Attributes:
        method, camera: their names.
        name, weather: of the trial.
        input_psnr, output_psnr: against the clean views, dB, at most `PSNR_CAP_DB` each; of a dry
            trial against what was put in.
        brightness: mean of the output less that of the clean views, levels of 255.
    """

    method: str
    camera: str
    name: str
    weather: str
    input_psnr: float
    output_psnr: float
    brightness: float

    @property
    def gain(self) -> float:
        """PSNR gained over the input, dB."""
        return self.output_psnr - self.input_psnr


@dataclass(frozen=True)
class CameraSummary:
    """What one method gains with one kind of camera; dry trials count in `dry_psnr` alone.

    Attributes:
        camera: its name.
        input_psnr, output_psnr: dB, means over all rain.
        brightness: mean error, levels of 255.
        worst_brightness: that of the severity in which it is farthest from 0.
        worst_severity: which one that is.
        dry_psnr: of what comes back of dry trials, dB; NaN where there are none.
        worst: the trial that gained least.
    """

    camera: str
    input_psnr: float
    output_psnr: float
    brightness: float
    worst_brightness: float
    worst_severity: str
    dry_psnr: float
    worst: CameraRecord

    @property
    def gain(self) -> float:
        """PSNR gained over the input, dB."""
        return self.output_psnr - self.input_psnr


def compare_cameras(
    methods: Sequence[Method], trials: Trials, cameras: Mapping[str, CameraPair], seed: int
) -> list[CameraRecord]:
    """Derain every trial as every kind of camera sends it.

    Args:
        methods: what derains.
        trials: one at least; each is rendered once for all cameras.
        cameras: by name.
        seed: of the noise; one trial has the same noise in each kind of camera each time.
    """
    records: list[CameraRecord] = []
    for index in progress(range(len(trials)), "cameras", unit=trials.unit):
        trial = trials[index]
        for name, pair in cameras.items():
            generator = np.random.default_rng((seed, index, *name.encode()))
            seen = through_cameras(trial, pair, generator)
            records += [_measured(method, name, seen) for method in methods]
    return records


def summarise_cameras(records: Iterable[CameraRecord], method: str) -> list[CameraSummary]:
    """Return a row a kind of camera for one method, in the order measured."""
    of_cameras: dict[str, list[CameraRecord]] = {}
    for row in records:
        if row.method == method:
            of_cameras.setdefault(row.camera, []).append(row)
    return [_summary(camera, rows) for camera, rows in of_cameras.items()]


def _measured(method: Method, camera: str, seen: Trial) -> CameraRecord:
    output = method.apply(seen.rainy)
    return CameraRecord(
        method.name,
        camera,
        seen.name,
        seen.weather,
        _mean_psnr(seen.rainy, seen.clean),
        _mean_psnr(output, seen.clean),
        _mean_level(output) - _mean_level(seen.clean),
    )


def _summary(camera: str, records: Sequence[CameraRecord]) -> CameraSummary:
    rainy = [row for row in records if row.weather != DRY]
    severities = {row.weather: 0.0 for row in rainy}
    for severity in severities:
        severities[severity] = known_mean(
            row.brightness for row in rainy if row.weather == severity
        )
    worst_severity = max(severities, key=lambda severity: abs(severities[severity]))
    return CameraSummary(
        camera=camera,
        input_psnr=known_mean(row.input_psnr for row in rainy),
        output_psnr=known_mean(row.output_psnr for row in rainy),
        brightness=known_mean(row.brightness for row in rainy),
        worst_brightness=severities[worst_severity],
        worst_severity=worst_severity,
        dry_psnr=known_mean(row.output_psnr for row in records if row.weather == DRY),
        worst=min(rainy, key=lambda row: row.gain),
    )


def _mean_psnr(views: Sequence[ByteImage], clean: Sequence[ByteImage]) -> float:
    return known_mean(map(capped_psnr, views, clean))


def _mean_level(views: Sequence[ByteImage]) -> float:
    return known_mean(float(view.mean()) for view in views)
