from __future__ import annotations

import re

import pytest

from apanet_core.errors import ConfigError
from apanet_core.html_report.table import is_figures, table_html


@pytest.mark.parametrize(
    "cell",
    ["12", "31.08", "+0.31", "−4.2 dB", "×1.20", "12.5%", "8,013,443", "", "–", "~3 ms", "1.2e-05"],
)
def test_figures_are_known(cell: str) -> None:
    assert is_figures([cell, "1.0"])


@pytest.mark.parametrize("cell", ["heavy", "3 of 40 pairs", "no LPIPS weights", "left/0001.png"])
def test_text_is_no_figure(cell: str) -> None:
    assert not is_figures([cell, "1.0"])


def test_figures_stand_to_the_right_and_rows_are_named() -> None:
    html = table_html(["model", "PSNR", "note"], [["1", "31.0", "good"], ["2", "–", ""]], "Gain")

    assert '<th scope="col">model</th><th scope="col" class="figure">PSNR</th>' in html
    assert '<th scope="row">1</th><td class="figure">31.0</td><td>good</td>' in html
    assert "<caption>Gain</caption>" in html
    assert 'aria-label="Gain"' in html


def test_a_table_without_rows_is_a_header() -> None:
    assert re.findall("<th [^>]*>", table_html(["a", "b"], [])) == ['<th scope="col">'] * 2


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"The table has 2 columns, this row not: \['1'\]"):
        table_html(["a", "b"], [["1"]])
