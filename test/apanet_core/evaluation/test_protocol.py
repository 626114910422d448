from __future__ import annotations

from dataclasses import replace


def test_one_sentence_says_how_it_was_measured(protocol) -> None:
    assert protocol.sentence == (
        "data/roads: 2 pairs, rain rendered with seed 3; pictures derained whole."
    )
    assert replace(protocol, seed=None).sentence == "data/roads: 2 pairs; pictures derained whole."
    assert replace(protocol, veil_removal=0.25).sentence.endswith("whole, veil removal 0.25.")
