"""Where message_filters is not installed, asking for it is an error with a way out."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("rclpy")

from apanet_core.errors import ConfigError
from apanet_ros.stereo.message_filters_matcher import MessageFiltersMatcher


def test_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "message_filters", None)
    with pytest.raises(ConfigError, match="install ros-<distro>-message-filters, or take"):
        MessageFiltersMatcher("exact", 0, 5, print)
