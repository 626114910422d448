from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")

from apanet_core.errors import ConfigError
from apanet_core.evaluation.report import report_page, write_report


class Unreadable:
    """Trials that cannot be read again."""

    unit = "pair"

    def __len__(self) -> int:
        return 12

    def __getitem__(self, index: int):
        raise OSError("gone")


@pytest.fixture(scope="module")
def page(compared, rendered, protocol) -> str:
    return report_page(compared, rendered, protocol).html()


def test_the_page_says_how_it_was_measured(page) -> None:
    assert "data/roads: 2 pairs, rain rendered with seed 3; pictures derained whole." in page
    assert "LPIPS is empty: a test has none." in page
    assert "On a machine, apanet_ros at commit 0123abc." in page
    assert "half as bright" in page


def test_the_page_holds_the_figures(page, compared) -> None:
    assert f'<td class="figure">{compared.mean("net", "psnr"):.2f}</td>' in page
    assert f'<td class="figure">{compared.mean("dark", "ssim", "heavy"):.4f}</td>' in page
    assert "<caption>What net gains</caption>" in page
    assert "<caption>What dark gains</caption>" not in page
    assert "<caption>Views derained by net</caption>" in page


def test_the_page_lists_what_came_out_worse(page, compared) -> None:
    assert "net: 0 of 20 views came out worse than they went in by over 0.1 dB." in page
    assert f"dark: {len(compared.worse)} of 20 views came out worse" in page
    assert "<caption>Worse than they went in, and what shows</caption>" in page
    assert '<td class="figure">-' in page


def test_every_severity_and_the_worst_are_shown(page, compared) -> None:
    # Two sliders an example; the worst may be one of the medians.
    assert page.count('type="range"') in (10, 12)
    for weather in compared.weathers:
        assert f"net: the median gain in {weather}." in page
    assert "where most error is gone" in page
    assert "where most error is left" in page
    assert "absolute error, from 0 (black) to 64 of 255 levels" in page


def test_sections_follow(compared, rendered, protocol, section) -> None:
    page = report_page(compared, rendered, protocol, [section]).html()

    assert ">Kinds of cameras</h2>" in page
    assert "<caption>Kinds of cameras, net</caption>" in page
    assert "&lt;b&gt;</th>" in page
    assert "<p>How to read it.</p>" in page
    assert "<p>The worst kind is grey.</p>" in page


def test_names_of_pictures_are_no_html(page) -> None:
    assert "&lt;b&gt;, " in page
    assert "<b>" not in page


def test_page_and_figures_lie_in_one_folder(compared, rendered, protocol, tmp_path) -> None:
    write_report(compared, rendered, protocol, tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "figures.csv",
        "figures.json",
        "report.html",
    ]
    with pytest.raises(ConfigError, match=r"out exists; give another output, or --force"):
        write_report(compared, rendered, protocol, tmp_path / "out")


def test_an_error_leaves_nothing_behind(compared, protocol, tmp_path) -> None:
    with pytest.raises(OSError, match="gone"):
        write_report(compared, Unreadable(), protocol, tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
