"""A report, opened in a real browser."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.html_report.html_report import HtmlReport

RED, BLUE = (220, 30, 30), (30, 30, 220)


def plain(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((200, 400, 3), colour, np.uint8)


@pytest.fixture
def report(tmp_path):
    """A wide table, a plot, pictures and, below them, a slider between red and blue."""
    page = HtmlReport("A report with a title that is too long for one line of a phone")
    for name in ("Figures", "Plots", "Pictures"):
        page.heading(name)
    page.table([f"column {i}" for i in range(9)], [["row", *["31.08 dB"] * 8]], "Wide")
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(9, 3), layout="constrained")
    figure.add_subplot(xlabel="time (s)").plot([0, 1], [1, 0])
    page.figure(figure, "Falling")
    page.gallery([("one", plain(RED)[:40, :50]), ("two", plain(BLUE)[:40, :50])], "Crops")
    page.slider(plain(RED), plain(BLUE), "A scene")
    page.write(tmp_path / "report.html")
    return tmp_path / "report.html"


def pixels(element) -> np.ndarray:
    """What is seen of an element, RGB."""
    bgr = cv2.imdecode(np.frombuffer(element.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def red_share(slider) -> float:
    """How much of the slider's upper third, where no handle and no label is, shows red."""
    seen = pixels(slider).astype(int)
    upper = seen[: len(seen) // 3]
    return float((upper[..., 0] > upper[..., 2] + 100).mean())


def test_a_drag_with_the_mouse_uncovers_the_picture(open_page, report) -> None:
    page = open_page("desk", report)
    slider = page.locator(".slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert red_share(slider) == pytest.approx(0.5, abs=0.02)

    y = box["y"] + box["height"] / 4
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=5)
    assert red_share(slider) == pytest.approx(0.9, abs=0.02)
    page.mouse.move(box["x"] - 50, y)
    page.mouse.up()
    assert red_share(slider) == pytest.approx(0, abs=0.02)

    page.mouse.move(box["x"] + box["width"] / 2, y)
    assert red_share(slider) == pytest.approx(0, abs=0.02)


def test_a_finger_sets_it(open_page, report) -> None:
    page = open_page("phone", report)
    slider = page.locator(".slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()

    page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 4)

    assert red_share(slider) == pytest.approx(0.2, abs=0.02)


def test_keys_move_it_and_it_says_where_it_is(open_page, report) -> None:
    page = open_page("desk", report)
    ranged = page.get_by_role("slider", name="A scene: rainy to the left, derained to the right")
    assert ranged.get_attribute("aria-valuetext") == "50 % rainy"

    ranged.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    assert ranged.get_attribute("aria-valuetext") == "61 % rainy"
    assert red_share(page.locator(".slider")) == pytest.approx(0.61, abs=0.02)
    page.keyboard.press("Home")

    assert red_share(page.locator(".slider")) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("window", ["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_window(open_page, report, window, scheme) -> None:
    page = open_page(window, report, scheme)

    overflow = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(overflow) <= 0
    # What is too wide scrolls within its own box, which keys can reach.
    box = page.locator(".scroll").first
    assert box.get_attribute("tabindex") == "0"
    if window == "phone":
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert (brightness(background) > brightness(ink)) == (scheme == "light")


def brightness(colour: str) -> int:
    """Of `rgb(1, 2, 3)`."""
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))


def test_a_page_that_asks_for_the_network_would_be_seen(browser, tmp_path) -> None:
    """The page's own policy keeps it from the network even where a text smuggled in a tag."""
    page = HtmlReport("A page")
    (tmp_path / "bad.html").write_text(
        page.html().replace("<main>", '<main><img src="https://example.org/a.png" alt="">')
    )
    context = browser.new_context()
    opened = context.new_page()
    messages: list[str] = []
    opened.on("console", lambda message: messages.append(message.text))

    opened.goto((tmp_path / "bad.html").as_uri())

    context.close()
    assert any("Content Security Policy" in message for message in messages)
