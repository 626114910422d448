"""One self-contained page: headings, tables, plots, pictures, and sliders between two pictures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from apanet_core.errors import ImageError
from apanet_core.html_report.data_url import figure_url, picture_url
from apanet_core.html_report.table import table_html
from apanet_core.imaging.types import ByteImage
from apanet_core.output_files import replaced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST_HEADINGS_FOR_CONTENTS = 3


class HtmlReport:
    """Collects the parts of a page in their order; `write` makes the file.

    Every text is plain: what it holds of HTML is shown, not obeyed. Nothing in the page asks for
    the network, and a browser that would is told not to.

    Args:
        title: of the page and its first heading.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._headings: list[tuple[str, str]] = []
        self._parts: list[str] = []

    def heading(self, text: str) -> None:
        """Begin a section; from three on the page lists them under its title."""
        name = f"section-{len(self._headings) + 1}"
        self._headings.append((name, text))
        self._parts.append(f'<h2 id="{name}">{escape(text)}</h2>')

    def paragraph(self, text: str) -> None:
        """Add a paragraph of plain text."""
        self._parts.append(f"<p>{escape(text)}</p>")

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = ""
    ) -> None:
        """Add a table: the first column names the rows, columns of figures stand to the right.

        Args:
            header: the columns' titles.
            rows: as many cells each as the header.
            caption: above the table; it also names the box in which a phone scrolls it.
        """
        self._parts.append(table_html(header, rows, caption))

    def picture(self, image: ByteImage, caption: str) -> None:
        """Add one picture, uint8 RGB `[H,W,3]`; its caption is also its description."""
        self._figure("picture", _image(picture_url(image), image, caption), caption)

    def gallery(self, pictures: Sequence[tuple[str, ByteImage]], caption: str) -> None:
        """Add pictures, uint8 RGB `[H,W,3]`, side by side where there is room, each by its name.

        What is small is enlarged without smoothing, so that its pixels show.
        """
        cells = "".join(
            f"<li>{_image(picture_url(image), image, f'{caption}: {name}')}{escape(name)}</li>"
            for name, image in pictures
        )
        self._figure("gallery", f"<ul>{cells}</ul>", caption)

    def slider(
        self,
        before: ByteImage,
        after: ByteImage,
        caption: str,
        labels: tuple[str, str] = ("rainy", "derained"),
    ) -> None:
        """Add two pictures, one over the other, and a slider that uncovers them.

        It follows mouse and finger anywhere on the picture, and the arrow keys.

        Args:
            before, after: uint8 RGB `[H,W,3]` of one size: left and right of the slider.
            caption: under the pictures.
            labels: what they show.

        Raises:
            ImageError: the sizes differ.
        """
        if before.shape != after.shape:
            raise ImageError(f"A slider needs one size, got {before.shape} and {after.shape}.")
        first, second = map(escape, labels)
        inside = (
            f'<div class="slider" style="--aspect: {after.shape[1] / after.shape[0]:.4f}">'
            f"{_image(picture_url(after), after, f'{caption}: {labels[1]}')}"
            f"{_image(picture_url(before), before, f'{caption}: {labels[0]}', 'before')}"
            f'<span class="label">{first}</span><span class="label">{second}</span>'
            '<input type="range" min="0" max="100" value="50" autocomplete="off" '
            f'aria-label="{escape(caption)}: {first} to the left, {second} to the right" '
            f'data-before="{first}"></div>'
        )
        self._figure("wide", inside, caption)

    def figure(self, figure: Figure, caption: str) -> None:
        """Add a plot, a matplotlib figure, as vectors."""
        image = f'<img src="{figure_url(figure)}" alt="{escape(caption)}">'
        self._figure("plot", f'<div class="scroll" tabindex="0">{image}</div>', caption)

    def html(self) -> str:
        """Return the page."""
        room = files("apanet_core.html_report")
        return Template((room / "page.html").read_text("utf-8")).substitute(
            title=escape(self._title),
            style=(room / "page.css").read_text("utf-8"),
            script=(room / "page.js").read_text("utf-8"),
            contents=self._contents(),
            body="\n".join(self._parts),
        )

    def write(self, path: Path) -> None:
        """Write the page, aside first and then renamed; folders above it are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as aside:
            aside.write_text(self.html(), encoding="utf-8")

    def _contents(self) -> str:
        if len(self._headings) < FEWEST_HEADINGS_FOR_CONTENTS:
            return ""
        links = (f'<a href="#{name}">{escape(text)}</a>' for name, text in self._headings)
        return f'<nav aria-label="Contents">{" ".join(links)}</nav>'

    def _figure(self, kind: str, inside: str, caption: str) -> None:
        self._parts.append(
            f'<figure class="{kind}">{inside}<figcaption>{escape(caption)}</figcaption></figure>'
        )


def _image(url: str, image: ByteImage, description: str, kind: str = "") -> str:
    """Return the element; its size in the page is known before the browser has decoded it."""
    height, width = image.shape[:2]
    named = f' class="{kind}"' if kind else ""
    return f'<img{named} src="{url}" width="{width}" height="{height}" alt="{escape(description)}">'
