"""Derains any recording, bags among them."""

from __future__ import annotations

from apanet_core.recordings.inputs import Kind
from apanet_core.recordings.job import Job, derain_recording
from apanet_core.recordings.tally import Tally


def derain_any(job: Job) -> Tally:
    """Derain one recording; errors as `derain_bag` and `derain_recording`."""
    if job.recording.kind is Kind.BAG:
        # Only here: pictures and videos need neither rosbags nor ROS.
        from apanet_ros.bags.derain import derain_bag

        return derain_bag(job)
    return derain_recording(job)
