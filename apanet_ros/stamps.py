"""ROS stamps as whole nanoseconds, the way apanet_core compares them."""

from __future__ import annotations

from builtin_interfaces.msg import Time

from apanet_core.time_units import NANOSECONDS


def nanoseconds(stamp: Time) -> int:
    """Nanoseconds since the epoch of a message's stamp."""
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)
