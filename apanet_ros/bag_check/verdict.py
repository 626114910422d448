"""Whether a bag is fit for deraining, why not, and with which parameters it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.plausibility import FOCAL_WIDTHS
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.regularity import regularity
from apanet_ros.bag_check.looks import Looks
from apanet_ros.bag_check.pairing_advice import DEFAULT_QUEUE, Pairing
from apanet_ros.bag_check.survey import BagSurvey, CameraSurvey
from apanet_ros.bags.stereo_bag import CAMERA_INFO_TYPE
from apanet_ros.bags.stereo_index import DEFAULT_SLOP_NS
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.parameters import NodeOptions
from apanet_ros.stereo.camera_info import calibration_of
from apanet_ros.stereo.frame_advice import frame_advice
from apanet_ros.stereo.rectification_advice import not_rectified, rectification_advice
from apanet_ros.stereo.stereo_input import NONE

FEWEST_PAIRS = 0.5
"""Share of the possible pairs that must be made for a bag to be worth deraining."""
MOST_DAMAGED = 0.5
"""Share of images that may be unreadable in a bag that is still fit."""
_RATES_ALIKE = 0.02
_EXCHANGED_PX = -3.0
_BASELINES_M = 0.005, 5.0
_NANOSECONDS_OF_A_MILLISECOND = 1_000_000


@dataclass
class Verdict:
    """What is to be said of a bag.

    Attributes:
        reasons: sentences why it is not fit, each with the next step; none where it is.
        warnings: sentences on what costs quality or pairs.
        parameters: of the node, those that differ from its defaults.
    """

    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def fit(self) -> bool:
        """Whether the bag can be derained."""
        return not self.reasons


def judge(survey: BagSurvey, pairing: Pairing, looks: Looks) -> Verdict:
    """Judge what was found, by the rules that the node judges live cameras by."""
    verdict = Verdict()
    if survey.side_by_side:
        verdict.parameters["side_by_side"] = True
    _judge_images(survey, verdict)
    _judge_times(survey, verdict)
    _judge_gaps(survey, verdict)
    _judge_pairing(survey, pairing, verdict)
    _judge_size(looks, verdict)
    _judge_rows(survey, looks, verdict)
    _judge_camera_infos(survey, looks, verdict)
    # Whatever is advised, the node must take it.
    NodeOptions(**verdict.parameters)
    return verdict


def calibrations(survey: BagSurvey) -> dict[Side, Calibration]:
    """The calibration of each camera that has one."""
    return {
        side: calibration_of(camera.info)
        for side, camera in survey.cameras.items()
        if camera.info is not None
    }


def baseline_m(survey: BagSurvey) -> float | None:
    """Metres from the left camera to the right one by P; None where P does not say."""
    found = calibrations(survey)
    if len(found) < len(Side) or not all(each.p[0] > 0 for each in found.values()):
        return None
    left, right = (each.p[3] / each.p[0] for each in (found[side] for side in Side))
    return left - right


def _judge_images(survey: BagSurvey, verdict: Verdict) -> None:
    for camera in survey.cameras.values():
        name = camera.topic.name
        if camera.damaged == camera.images:
            verdict.reasons.append(f"No image of {name} can be read: {_why(camera)}")
        elif camera.damaged > MOST_DAMAGED * camera.images:
            verdict.reasons.append(
                f"Only {camera.images - camera.damaged} of {camera.images} images of {name} can be "
                f"read: {_why(camera)}"
            )
        elif camera.damaged:
            verdict.warnings.append(
                f"{camera.damaged} of {camera.images} images of {name} cannot be read and are "
                f"passed over: {_why(camera)}"
            )
        if len(camera.formats) > 1:
            kinds = ", ".join(sorted(camera.formats))
            verdict.warnings.append(f"Images of {name} change within the bag: {kinds}.")
    types = {camera.topic.message_type for camera in survey.cameras.values()}
    if len(types) > 1:
        verdict.reasons.append(
            "One camera is raw and the other compressed, and the node takes both alike: record "
            "both in one way."
        )
    elif types == {COMPRESSED_TYPE}:
        verdict.parameters["input_transport"] = "compressed"


def _why(camera: CameraSurvey) -> str:
    return camera.examples[0].partition(": ")[2]


def _judge_times(survey: BagSurvey, verdict: Verdict) -> None:
    rates = {}
    for side, camera in survey.cameras.items():
        name, found = camera.topic.name, regularity(camera.stamps.known_ns)
        rates[side] = found.rate
        if found.gaps:
            verdict.warnings.append(
                f"{name} has {found.gaps} gaps, the longest {found.longest / 1e6:.0f} ms, in which "
                f"about {found.missing} images are missing: look whether the recorder kept up."
            )
        if found.backwards:
            verdict.warnings.append(
                f"Stamps of {name} go back {found.backwards} times, by up to "
                f"{found.farthest_back / 1e6:.0f} ms: the node drops what waits then; look whether "
                "the clock was set, or several recordings were joined."
            )
        if found.repeated:
            verdict.warnings.append(
                f"{found.repeated} images of {name} carry the stamp of the one before: look at its "
                "driver."
            )
    counts = [camera.images for camera in survey.cameras.values()]
    # Intervals that vary make the median wander, gaps the count; rates that differ do both.
    if _unlike(*rates.values()) and _unlike(*counts):
        verdict.warnings.append(
            f"The left camera runs at {rates[Side.LEFT]:.2f} Hz and the right one at "
            f"{rates[Side.RIGHT]:.2f} Hz, so images of the faster one are left out: set one rate, "
            "or better trigger both together."
        )


def _judge_gaps(survey: BagSurvey, verdict: Verdict) -> None:
    if gaps := survey.gaps:
        longest = max(gaps, key=lambda gap: gap.length_ns)
        others = f", and {len(gaps) - 1} times more for over a minute" if len(gaps) > 1 else ""
        verdict.warnings.append(
            f"No image was recorded for {longest}{others}: `apanet replay` waits that long where "
            "no other topic goes on, and --skip-gaps lets it skip that."
        )


def _unlike(one: float, other: float) -> bool:
    return abs(one - other) > _RATES_ALIKE * max(one, other)


def _judge_pairing(survey: BagSurvey, pairing: Pairing, verdict: Verdict) -> None:
    if pairing.share < FEWEST_PAIRS:
        left, right = (survey.cameras[side].topic.name for side in Side)
        verdict.reasons.append(
            f"Only {len(pairing.pairs)} of {pairing.possible} images of {left} and {right} pair, "
            "whatever the slop: trigger the cameras together and stamp their images with one clock."
        )
        return
    if lost := pairing.possible - len(pairing.pairs):
        verdict.warnings.append(
            f"{lost} of {pairing.possible} possible pairs are not made, for want of a partner near "
            "enough in time."
        )
    _advise_pairing(pairing, verdict)


def _advise_pairing(pairing: Pairing, verdict: Verdict) -> None:
    if offset := pairing.right_offset:
        milliseconds = offset / _NANOSECONDS_OF_A_MILLISECOND
        verdict.parameters["right_time_offset_ms"] = milliseconds
        verdict.warnings.append(
            f"Stamps of the right camera differ from the left one's by {-milliseconds:.1f} ms "
            "throughout: right_time_offset_ms mends that where clocks differ; where the cameras "
            "are triggered apart, trigger them together."
        )
    if pairing.slop != DEFAULT_SLOP_NS:
        verdict.parameters["slop"] = pairing.slop / 1e9
        verdict.warnings.append(
            f"Left and right stamps lie up to {pairing.slop / 1e6:.0f} ms apart, so what moves has "
            "a wrong disparity and helps its partner less: trigger the cameras together."
        )
    if pairing.queue_size != DEFAULT_QUEUE:
        verdict.parameters["queue_size"] = pairing.queue_size
    if not pairing.live:
        verdict.warnings.append(
            "The stamps pair, but the bag holds the images of one camera long before those of the "
            "other, so played back the node cannot pair them: use `apanet derain`, which pairs by "
            "stamp."
        )


def _judge_size(looks: Looks, verdict: Verdict) -> None:
    if looks.size is None:
        if not verdict.reasons:
            verdict.reasons.append(
                "Of no pair both images can be decoded: `apanet derain` names what is wrong with "
                "each."
            )
        return
    left, right = looks.size
    if left != right:
        verdict.reasons.append(
            f"Left is {left[0]} x {left[1]}, right {right[0]} x {right[1]}: both must have one "
            "size, so rectify them alike."
        )
        return
    verdict.parameters["image_width"], verdict.parameters["image_height"] = left


def _judge_rows(survey: BagSurvey, looks: Looks, verdict: Verdict) -> None:
    if looks.views is None:
        return
    if looks.disparity is not None and looks.disparity < _EXCHANGED_PX:
        verdict.reasons.append(
            f"Points lie {-looks.disparity:.0f} px farther right in the right image than in the "
            "left one, so left and right are exchanged: give --topics the other way round."
        )
        return
    if looks.row_offset is None:
        verdict.warnings.append(
            "Too little can be matched between the views to see whether they are rectified: look "
            "at a pair yourself."
        )
    fit = looks.fit
    if fit.apart and fit.mended:
        verdict.parameters["rectify"] = True
        verdict.warnings.append(
            "The images are not rectified; the node does it by their camera_infos (rows then "
            f"differ by {fit.rectified_offset:.1f} px), `apanet derain` does not: derain this "
            "bag through the node."
        )
    elif fit.apart:
        verdict.reasons.append(not_rectified(fit))
    else:
        infos = {side: camera.info for side, camera in survey.cameras.items()}
        verdict.warnings += rectification_advice(infos, fit, rectify=False)


def _judge_camera_infos(survey: BagSurvey, looks: Looks, verdict: Verdict) -> None:
    for camera, size in zip(survey.cameras.values(), looks.size or (None, None), strict=True):
        verdict.warnings += _about_camera_info(camera, size)
    if all(camera.info is None for camera in survey.cameras.values()):
        verdict.parameters["camera_info"] = NONE
        verdict.parameters.pop("rectify", None)
    verdict.warnings += _about_baseline(survey)
    verdict.warnings += frame_advice({side: each.info for side, each in survey.cameras.items()})


def _about_camera_info(camera: CameraSurvey, size: tuple[int, int] | None) -> Iterator[str]:
    name = camera.info_topic
    if camera.info_type not in ("", CAMERA_INFO_TYPE):
        yield f"{name} holds {camera.info_type}, no camera_infos: record the camera's own."
    elif camera.damaged_infos:
        yield f"{camera.damaged_infos} camera_infos of {name} are damaged."
    elif camera.info is None:
        yield (
            f"There is no camera_info on {name}: deraining does without, stereo matching does not."
        )
    if camera.info is None:
        return
    if camera.info_changes:
        yield f"The calibration on {name} changes {camera.info_changes} times within the bag."
    if camera.without_info:
        yield (
            f"{camera.without_info} of {camera.images} images of {camera.topic.name} have no "
            "camera_info of their stamp: the node sends the latest one with them."
        )
    try:
        calibration = calibration_of(camera.info, size)
    except ImageError as error:
        yield f"{name}: {error}"
        return
    yield from _about_focal_length(name, calibration)


def _about_focal_length(name: str, calibration: Calibration) -> Iterator[str]:
    least, most = (times * calibration.width for times in FOCAL_WIDTHS)
    if not any(calibration.p):
        yield f"P on {name} is empty, so the camera is not calibrated: calibrate both as a pair."
    elif not least <= calibration.p[0] <= most:
        yield (
            f"P on {name} has a focal length of {calibration.p[0]:.1f} px for images "
            f"{calibration.width} px wide, which no usual lens has: calibrate anew."
        )


def _about_baseline(survey: BagSurvey) -> Iterator[str]:
    metres = baseline_m(survey)
    if metres is None:
        return
    if metres < 0:
        yield (
            f"The right camera lies {-metres:.3f} m left of the left one by P of the camera_infos: "
            "look whether the two are exchanged."
        )
    elif metres == 0:
        yield "P of the right camera_info holds no baseline: calibrate the cameras as a pair."
    elif not _BASELINES_M[0] <= metres <= _BASELINES_M[1]:
        yield (
            f"The baseline is {metres:g} m by P of the camera_infos, which is hard to believe: P "
            "must be in pixels and metres."
        )
