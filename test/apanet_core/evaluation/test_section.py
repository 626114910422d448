from __future__ import annotations

from apanet_core.evaluation.section import Part, Section
from apanet_core.evaluation.tables import Table


def test_a_section_as_markdown() -> None:
    table = Table(("camera", "gain"), [("grey", "+1.00")])
    parts = [Part(f"Cameras, {name}", table, "The worst is grey.") for name in ("one", "two")]

    assert Section("cameras", "Cameras", "How to read it.", parts, []).markdown.splitlines() == [
        "Cameras, one:",
        "",
        "| camera | gain |",
        "| --- | ---: |",
        "| grey | +1.00 |",
        "",
        "The worst is grey.",
        "",
        "Cameras, two:",
        *["", "| camera | gain |", "| --- | ---: |", "| grey | +1.00 |", "", "The worst is grey."],
    ]
