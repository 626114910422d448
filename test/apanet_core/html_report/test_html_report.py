from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.html_report.html_report import HtmlReport


class Reader(HTMLParser):
    """Collects the elements of a page and checks that they close in order."""

    EMPTY = frozenset({"meta", "link", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(page: HtmlReport) -> Reader:
    reader = Reader()
    reader.feed(page.html())
    assert reader.open == []
    return reader


def decoded(url: str) -> np.ndarray:
    content = base64.b64decode(url.partition(";base64,")[2])
    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


@pytest.fixture
def page() -> HtmlReport:
    return HtmlReport("Rain & more")


@pytest.fixture
def image(motorcycle) -> np.ndarray:
    return motorcycle[0]


def test_text_is_shown_and_not_obeyed(page) -> None:
    page.heading("<script>")
    page.paragraph("a < b & c")
    page.table(["<i>"], [["<b>"]], "<u>")

    reader = read(page)

    assert "<title>Rain &amp; more</title>" in page.html()
    assert "a &lt; b &amp; c" in page.html()
    assert len(reader.all("script")) == 1
    assert not reader.all("i") + reader.all("b") + reader.all("u")


def test_three_headings_are_listed(page) -> None:
    for name in ("One", "Two"):
        page.heading(name)
    assert not read(page).all("nav")

    page.heading("Three")

    reader = read(page)
    assert [link["href"] for link in reader.all("a")] == [
        f"#{heading['id']}" for heading in reader.all("h2")
    ]
    assert len(reader.all("a")) == 3


def test_a_large_picture_is_a_jpeg_in_true_colours(page, image) -> None:
    page.picture(image, "a motorcycle")

    (element,) = read(page).all("img")

    assert element["alt"] == "a motorcycle"
    assert (element["width"], element["height"]) == ("741", "500")
    assert str(element["src"]).startswith("data:image/jpeg;base64,")
    assert np.abs(decoded(str(element["src"])).astype(int) - image).mean() < 4


def test_a_small_picture_is_kept_exactly(page, image) -> None:
    page.gallery([("rainy", image[:40, :50]), ("clean", image[40:80, :50])], "crops")

    first, second = read(page).all("img")

    np.testing.assert_array_equal(decoded(str(first["src"])), image[:40, :50])
    np.testing.assert_array_equal(decoded(str(second["src"])), image[40:80, :50])
    assert (first["alt"], second["alt"]) == ("crops: rainy", "crops: clean")


def test_a_slider_is_a_labelled_range_over_two_pictures(page, image) -> None:
    page.slider(image[:40, :50], image[40:80, :50], "scene <1>", ("wet", "dry"))

    reader = read(page)

    (slider,) = reader.all("input")
    assert slider["type"] == "range"
    assert slider["aria-label"] == "scene <1>: wet to the left, dry to the right"
    after, before = reader.all("img")
    assert before["class"] == "before"
    np.testing.assert_array_equal(decoded(str(before["src"])), image[:40, :50])
    np.testing.assert_array_equal(decoded(str(after["src"])), image[40:80, :50])


def test_a_slider_of_two_sizes_is_refused(page, image) -> None:
    with pytest.raises(ImageError, match=r"A slider needs one size, got \(40, 50, 3\)"):
        page.slider(image[:40, :50], image[:50, :40], "scene")


def test_a_plot_is_drawn_as_vectors_the_same_every_time(page) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(3, 2))
    figure.add_subplot(xlabel="time (s)").plot([0, 1], [1, 0])
    page.figure(figure, "falling")
    page.figure(figure, "falling")

    first, second = read(page).all("img")

    assert first["alt"] == "falling"
    assert str(first["src"]).startswith("data:image/svg+xml;base64,")
    assert first["src"] == second["src"]


def test_the_page_needs_no_network(page, image) -> None:
    page.heading("One")
    page.slider(image, image, "scene")

    reader = read(page)

    assert not re.findall(r"https?://|url\(|@import", page.html())
    links = [element.get("src") or element.get("href") for _, element in reader.elements]
    assert all(link.startswith(("data:", "#")) for link in filter(None, links))
    (policy,) = [item["content"] for item in reader.all("meta") if "http-equiv" in item]
    assert str(policy).startswith("default-src 'none'")


def test_the_page_is_written_whole_or_not_at_all(page, tmp_path) -> None:
    path = tmp_path / "new" / "report.html"

    page.write(path)

    assert path.read_text("utf-8") == page.html()
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]
