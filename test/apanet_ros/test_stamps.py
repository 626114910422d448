"""Stamps as nanoseconds."""

from __future__ import annotations

import pytest

pytest.importorskip("rclpy")

from builtin_interfaces.msg import Time

from apanet_ros.stamps import nanoseconds


def test_seconds_and_nanoseconds_become_one_number() -> None:
    stamp = Time(sec=1_700_000_000, nanosec=999_999_999)
    assert nanoseconds(stamp) == 1_700_000_000_999_999_999
    assert nanoseconds(Time()) == 0
