"""What is counted of pairs besides how they left; docs/ros_interface.md explains each."""

from __future__ import annotations

PROBE = "probes"
PUBLISHED = "published"
PUBLISHED_LATE = "published_late"
WITHOUT_CAMERA_INFO = "without_camera_info"
OUT_OF_MEMORY = "out_of_memory"


def derained_at(step: int) -> str:
    """What is noted of a pair that was derained at an operating point."""
    return f"derained_at_{step}"
