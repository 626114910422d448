"""What becomes of the left view where the right one is no help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from apanet_core.data.other_view import OTHER_VIEWS, spoil_one
from apanet_core.data.rainy_scene import RainyScene
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.quality import capped_psnr, known_mean
from apanet_core.evaluation.section import Part, Section
from apanet_core.evaluation.tables import Table, figure
from apanet_core.evaluation.trials import WEATHERS, RenderedRain
from apanet_core.imaging.types import ByteImage
from apanet_core.progress import progress

TRUE, COPY, UNRELATED = "true", "copy", "unrelated"
ALL_VIEWS = (TRUE, *OTHER_VIEWS)

EXPLANATION = (
    "PSNR of the left view, dB, mean of all rain, by what the right view is, and the difference to "
    "what the left view gets beside a copy of itself: a view that is no help should do no harm. "
    "Least: the picture that loses most against its copy."
)


@dataclass(frozen=True)
class OtherViewRecord:
    """The left view of one trial beside one kind of right view, as one method derained it.

    Attributes:
        method: its name.
        other: what the right view is, of `ALL_VIEWS`.
        name, weather: of the trial.
        psnr: of the left view, dB, at most `PSNR_CAP_DB`.
        against_copy: that less the same beside a copy of the left view, dB.
    """

    method: str
    other: str
    name: str
    weather: str
    psnr: float
    against_copy: float


def measure_other_views(methods: Sequence[Method], trials: RenderedRain, seed: int) -> Section:
    """Measure the left view beside every kind of right view; arguments as `compare_other_views`."""
    records = compare_other_views(methods, trials, seed)
    parts = [_part(method.name, records) for method in methods]
    figures = [asdict(row) for row in records]
    return Section("other_views", "Other views", EXPLANATION, parts, figures)


def compare_other_views(
    methods: Sequence[Method], trials: RenderedRain, seed: int
) -> list[OtherViewRecord]:
    """Derain the left view of every rainy trial beside every kind of right view.

    Args:
        methods: what derains.
        trials: pairs.
        seed: of what is random in a bad view.
    """
    records: list[OtherViewRecord] = []
    for index in progress(range(len(trials)), "other views", unit=trials.unit):
        if index % len(WEATHERS):  # the first is dry
            scene = trials.rainy_scene(index)
            rights = right_views(trials, index, scene, seed)
            for method in methods:
                records += _measured(method, trials.labels(index), scene, rights)
    return records


def right_views(
    trials: RenderedRain, index: int, scene: RainyScene, seed: int
) -> dict[str, ByteImage]:
    """Return every kind of right view for a trial, uint8 RGB `[H,W,3]` of the left view's size.

    The unrelated one is that of the next scene, in the same weather; of one scene, see
    `OTHER_VIEWS`.
    """
    rights = {TRUE: scene.right.rainy}
    for kind in OTHER_VIEWS:
        generator = np.random.default_rng((seed, index, *kind.encode()))
        rights[kind] = spoil_one(scene, generator, kind).right.rainy
    elsewhere = trials.elsewhere(index)
    if elsewhere is not None:
        rights[UNRELATED] = _fitted(trials.rainy_scene(elsewhere).right.rainy, scene.left.rainy)
    return rights


def other_view_table(records: Sequence[OtherViewRecord]) -> Table:
    """Return a row a kind of right view, of one method."""
    rows = []
    for kind in ALL_VIEWS:
        of_kind = [row for row in records if row.other == kind]
        least = min(of_kind, key=lambda row: row.against_copy)
        rows.append(
            (
                _words(kind),
                figure(known_mean(row.psnr for row in of_kind), "psnr"),
                f"{_against_copy(of_kind):+.2f}",
                f"{least.against_copy:+.2f}",
                f"{least.name}, {least.weather}",
            )
        )
    return Table(("right view", "PSNR left", "against a copy", "least", "picture"), rows)


def other_view_remark(records: Sequence[OtherViewRecord]) -> str:
    """Return which kind of right view harms most."""
    means = {kind: _against_copy(row for row in records if row.other == kind) for kind in ALL_VIEWS}
    harm = min(means, key=lambda kind: means[kind])
    return f"The {_words(harm)} right view harms most: {means[harm]:+.2f} dB against a copy."


def _part(method: str, records: Sequence[OtherViewRecord]) -> Part:
    rows = [row for row in records if row.method == method]
    return Part(f"Other views, {method}", other_view_table(rows), other_view_remark(rows))


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _measured(
    method: Method, labels: tuple[str, str], scene: RainyScene, rights: Mapping[str, ByteImage]
) -> Iterable[OtherViewRecord]:
    psnr = {
        kind: capped_psnr(method.derain(scene.left.rainy, right)[0], scene.left.clean)
        for kind, right in rights.items()
    }
    for kind, value in psnr.items():
        yield OtherViewRecord(method.name, kind, *labels, value, value - psnr[COPY])


def _against_copy(records: Iterable[OtherViewRecord]) -> float:
    return known_mean(row.against_copy for row in records)


def _fitted(picture: ByteImage, like: ByteImage) -> ByteImage:
    """Return a picture in the size of another one."""
    if picture.shape == like.shape:
        return picture
    return np.asarray(cv2.resize(picture, like.shape[1::-1]), np.uint8)
