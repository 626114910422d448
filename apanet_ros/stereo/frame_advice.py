"""Tells when two camera_infos do not name one frame, as stereo matching behind us wants it."""

from __future__ import annotations

from collections.abc import Mapping

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.pairing import Side


def frame_advice(infos: Mapping[Side, CameraInfo | None]) -> list[str]:
    """Return a sentence, with what to do, where left and right camera_info differ in their frame.

    `image_geometry`, and so `stereo_image_proc`, asserts that they name one frame, the left
    camera's optical frame, in which P of both is given.

    Args:
        infos: one of each camera.
    """
    left, right = (infos.get(side) for side in Side)
    if left is None or right is None or left.header.frame_id == right.header.frame_id:
        return []
    ours, theirs = (info.header.frame_id or "no frame" for info in (left, right))
    return [
        f"The left camera_info names the frame {ours} and the right one {theirs}, on which "
        "stereo_image_proc aborts where it is built with assertions: let the driver name the left "
        "camera's optical frame in both."
    ]
