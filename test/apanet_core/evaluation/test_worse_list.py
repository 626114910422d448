from __future__ import annotations

from apanet_core.evaluation.comparison import Comparison, Record
from apanet_core.evaluation.method import Method, unchanged
from apanet_core.evaluation.worse import Worse
from apanet_core.evaluation.worse_list import worse_list, worse_sentence, worse_table

NET = Method("net", lambda left, right: (left, right))


def comparison(losses: list[float], view: str = "left", rainy: int = 20) -> Comparison:
    """Of `rainy` views of a method `net`, the first came out worse by these."""
    records = [Record("net", n, f"road {n}", "heavy", view, 30, 0.5) for n in range(rainy)]
    records.append(Record("net", rainy, "road 0", "dry", view, 40, 0.9))
    worse = [
        Worse("net", n, f"road {n}", "heavy", view, -loss, "tone" if n % 2 else "streaks")
        for n, loss in enumerate(losses)
    ]
    if view == "left":
        records.append(Record("net", 0, "road 0", "heavy", "right", 30, 0.5))
    return Comparison((unchanged(), NET), tuple(records), (), tuple(worse))


def test_the_worst_is_named_first() -> None:
    assert worse_list(comparison([0.25, 1.5, 0.5]), "net").splitlines() == [
        "net: 3 of 21 views came out worse than they went in by over 0.1 dB: 2 streaks, 1 tone.",
        "",
        "- road 1, heavy, left -1.50 dB: tone",
        "- road 2, heavy, left -0.50 dB: streaks",
        "- road 0, heavy, left -0.25 dB: streaks",
    ]


def test_ten_names_are_enough() -> None:
    lines = worse_list(comparison([1.0] * 12), "net").splitlines()

    assert len(lines) == 2 + 10 + 1
    assert lines[-1] == "- and 2 more, which --report lists"
    assert len(worse_table(comparison([1.0] * 12)).rows) == 12


def test_where_nothing_is_worse_a_sentence_says_so() -> None:
    found = comparison([], view="picture")

    sentence = "net: 0 of 20 pictures came out worse than they went in by over 0.1 dB."
    assert worse_list(found, "net") == worse_sentence(found, "net") == sentence


def test_the_table_says_of_which_method() -> None:
    table = worse_table(comparison([0.25], view="picture"))

    assert table.rows == [("net", "road 0", "heavy", "picture", "-0.25", "streaks")]
