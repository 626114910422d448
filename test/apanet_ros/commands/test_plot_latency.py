"""`apanet plot-latency` from the command line: what it refuses."""

from __future__ import annotations

import pytest

pytest.importorskip("rclpy")


@pytest.mark.parametrize("name", ["bad name", "/"])
def test_what_is_no_name_of_a_node_is_told_in_one_line(start_process, name) -> None:
    plot = start_process("-m", "apanet_ros.cli", "plot-latency", name)

    assert plot.end() == 2
    assert f"apanet: error: '{name}' is no name of a node; give its full name" in plot.output
    assert "Traceback" not in plot.output
