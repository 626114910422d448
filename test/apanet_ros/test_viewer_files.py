"""The RViz and Foxglove configurations against what the real node publishes, over DDS."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy")
pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from sensor_msgs.msg import Image
from std_msgs.msg import Float64MultiArray

from apanet_core.streaming.statistics import Stage
from apanet_ros.bag_view.foxglove_layout import as_json, foxglove_layout
from apanet_ros.latency_topic import latency_message

CONFIG = Path(__file__).parents[2] / "config"
NAMESPACE = "/stereo"
IMAGE, ARRAY = "sensor_msgs/msg/Image", "std_msgs/msg/Float64MultiArray"
DIAGNOSTICS = "diagnostic_msgs/msg/DiagnosticArray"


def rviz_topics() -> dict[str, str]:
    """Topics of the RViz displays, each with the type that its display takes."""
    displays = yaml.safe_load((CONFIG / "derain.rviz").read_text())["Visualization Manager"]
    return {
        display["Topic"]["Value"]: {"rviz_default_plugins/Image": IMAGE}[display["Class"]]
        for display in displays["Displays"]
    }


def foxglove_topics() -> dict[str, str]:
    """Topics of the Foxglove panels, each with the type that its panel takes."""
    topics = {}
    panels = json.loads((CONFIG / "foxglove_layout.json").read_text())["configById"]
    for name, panel in panels.items():
        kind = name.partition("!")[0]
        if kind == "Image":
            topics[panel["imageMode"]["imageTopic"]] = IMAGE
        elif kind == "DiagnosticSummary":
            topics[panel["topicToRender"]] = DIAGNOSTICS
        else:
            topics |= {path["value"].partition(".")[0]: ARRAY for path in panel["paths"]}
    return topics


def test_topics_and_types_are_those_of_the_node_and_its_plot(
    start_node, start_process, peer
) -> None:
    start_node(namespace=NAMESPACE)
    plot = start_process("-m", "apanet_ros.cli", "plot-latency", f"{NAMESPACE}/derain_node")
    plot.wait_for("plotting on /stereo/derain_node/latency_plot")
    wanted = rviz_topics() | foxglove_topics()

    def found() -> bool:
        graph = dict(peer.node.get_topic_names_and_types())
        return all(graph.get(topic) == [kind] for topic, kind in wanted.items())

    peer.spin_until(found, f"{wanted}")
    assert set(rviz_topics()) == {
        "/stereo/left/image_rect",
        "/stereo/derained/left/image_rect",
        "/stereo/derain_node/latency_plot",
    }
    assert set(foxglove_topics()) == {
        "/stereo/left/image_rect",
        "/stereo/derained/left/image_rect",
        "/stereo/derain_node/latency",
        "/diagnostics",
    }
    check_the_picture_of_the_plot(peer)
    assert plot.stop() == 130


def check_the_picture_of_the_plot(peer: Any) -> None:
    pictures = peer.collect(Image, "/stereo/derain_node/latency_plot", 5)
    publisher = peer.node.create_publisher(Float64MultiArray, "/stereo/derain_node/latency", 10)

    def seen() -> bool:
        publisher.publish(latency_message({Stage.INFER: 0.02, Stage.AGE: 0.03}))
        time.sleep(0.05)
        return bool(pictures)

    peer.spin_until(seen, "a picture of the plot")
    assert pictures[0].encoding == "rgb8"
    assert len(pictures[0].data) == pictures[0].height * pictures[0].width * 3
    assert len(set(pictures[0].data)) > 20


def test_every_panel_is_laid_out_and_every_stage_plotted() -> None:
    text = (CONFIG / "foxglove_layout.json").read_text()
    layout = json.loads(text)

    assert sorted(re.findall(r'"(\w+!\w+)"', json.dumps(layout["layout"]))) == sorted(
        layout["configById"]
    )
    paths = layout["configById"]["Plot!latency"]["paths"]
    assert [path["label"] for path in paths] == [f"{stage.value} (ms)" for stage in Stage]
    assert text == as_json(
        foxglove_layout(
            "/stereo/left/image_rect",
            "/stereo/derained/left/image_rect",
            "/stereo/derain_node/latency",
            "/diagnostics",
        )
    )


def test_the_window_of_rviz_holds_a_dock_for_each_display() -> None:
    window = yaml.safe_load((CONFIG / "derain.rviz").read_text())["Window Geometry"]
    state = bytes.fromhex(window["QMainWindow State"])

    for name in ("Displays", "Rainy", "Derained", "Latency"):
        assert name.encode("utf-16-be") in state
        assert name in window
