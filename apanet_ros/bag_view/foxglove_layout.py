"""A Foxglove layout: rainy beside derained, the time per stage and the node's diagnostics below.

Foxglove imports it by "Import from file" among its layouts; the recording or the live connection is
opened apart from it.
"""

from __future__ import annotations

import json
from typing import Any

from apanet_core.streaming.statistics import Stage

_COLORS = ("#4e98e2", "#f5774d", "#f7df71", "#5cd6a9", "#a395e2", "#ff7fb0", "#e6e6e6")


def foxglove_layout(
    rainy: str, derained: str, latency: str | None, diagnostics: str | None
) -> dict[str, Any]:
    """Return a layout for these topics as JSON knows it; None leaves a panel out."""
    panels: dict[str, Any] = {
        "Image!rainy": _image("Rainy", rainy),
        "Image!derained": _image("Derained", derained),
    }
    layout: Any = _beside("Image!rainy", "Image!derained")
    lower = []
    if latency is not None:
        panels["Plot!latency"] = _plot(latency)
        lower.append("Plot!latency")
    if diagnostics is not None:
        panels["DiagnosticSummary!node"] = _diagnostics(diagnostics)
        lower.append("DiagnosticSummary!node")
    if lower:
        below = _beside(*lower) if len(lower) == 2 else lower[0]
        layout = {"direction": "column", "first": layout, "second": below, "splitPercentage": 65}
    return {
        "configById": panels,
        "globalVariables": {},
        "userNodes": {},
        "playbackConfig": {"speed": 1},
        "layout": layout,
    }


def as_json(layout: dict[str, Any]) -> str:
    """Return the text of the file."""
    return json.dumps(layout, indent=2) + "\n"


def _beside(first: str, second: str) -> dict[str, Any]:
    return {"direction": "row", "first": first, "second": second, "splitPercentage": 50}


def _image(title: str, topic: str) -> dict[str, Any]:
    return {"foxglovePanelTitle": title, "imageMode": {"imageTopic": topic}}


def _plot(topic: str) -> dict[str, Any]:
    paths = [
        {
            "value": f"{topic}.data[{number}]",
            "label": f"{stage.value} (ms)",
            "enabled": True,
            "timestampMethod": "receiveTime",
            "color": color,
        }
        for number, (stage, color) in enumerate(zip(Stage, _COLORS, strict=True))
    ]
    return {
        "foxglovePanelTitle": "Time per stage (ms)",
        "paths": paths,
        "minYValue": 0,
        "showLegend": True,
        "legendDisplay": "floating",
        "isSynced": True,
        "xAxisVal": "timestamp",
        "followingViewWidth": 30,
    }


def _diagnostics(topic: str) -> dict[str, Any]:
    return {
        "foxglovePanelTitle": "Diagnostics",
        "topicToRender": topic,
        "minLevel": 0,
        "pinnedIds": [],
        "hardwareIdFilter": "",
        "sortByLevel": True,
    }
