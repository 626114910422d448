"""The picture: rainy, derained, clean; left and right; each with its PSNR."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from apanet_core.imaging.types import ByteImage
from apanet_core.metrics import psnr
from apanet_core.output_files import written_aside
from apanet_ros.bags.stereo_bag import VIEWS
from apanet_ros.demo.quality import Images

DOTS_PER_INCH = 100
LEFT_MARGIN_PX = 44
TOP_MARGIN_PX = 84
GAP_PX = 8
FONT_SIZE = 20


def draw_comparison(
    path: Path, stamp_ns: int, rainy: Images, derained: Images, clean: Images, title: str
) -> None:
    """Write one pair to the PNG `path`: a row for each view, one pixel for each pixel."""
    columns = {"rainy": rainy, "derained": derained, "clean": clean}
    figure = _blank(len(columns), *clean[stamp_ns, "left"].shape[:2])
    for row, view in enumerate(VIEWS):
        for column, (name, images) in enumerate(columns.items()):
            image, reference = images[stamp_ns, view], clean[stamp_ns, view]
            axes = _add_axes(figure, row, column, image)
            _show(axes, image, None if name == "clean" else reference)
            axes.set_title(name if row == 0 else "", fontsize=FONT_SIZE)
            axes.set_ylabel(view if column == 0 else "", fontsize=FONT_SIZE)
    figure.suptitle(title, fontsize=0.8 * FONT_SIZE, y=0.99)
    with written_aside(path, force=True) as aside:
        figure.savefig(aside)


def _blank(columns: int, height: int, width: int) -> Figure:
    total_width = LEFT_MARGIN_PX + columns * (width + GAP_PX)
    total_height = TOP_MARGIN_PX + len(VIEWS) * (height + GAP_PX)
    size = total_width / DOTS_PER_INCH, total_height / DOTS_PER_INCH
    return Figure(figsize=size, dpi=DOTS_PER_INCH)


def _add_axes(figure: Figure, row: int, column: int, image: ByteImage) -> Axes:
    """Return axes as large as the image; Matplotlib counts in shares of the figure, upwards."""
    total_width, total_height = figure.get_size_inches() * DOTS_PER_INCH
    height, width = image.shape[:2]
    left = LEFT_MARGIN_PX + column * (width + GAP_PX)
    bottom = total_height - TOP_MARGIN_PX - row * (height + GAP_PX) - height
    return figure.add_axes(
        (left / total_width, bottom / total_height, width / total_width, height / total_height)
    )


def _show(axes: Axes, image: ByteImage, reference: ByteImage | None) -> None:
    axes.imshow(image, interpolation="nearest")
    axes.set(xticks=[], yticks=[], frame_on=False)
    if reference is not None:
        axes.text(
            0.015,
            0.03,
            f"{psnr(image, reference):.1f} dB",
            transform=axes.transAxes,
            fontsize=FONT_SIZE,
            color="white",
            bbox={"facecolor": "black", "alpha": 0.7, "edgecolor": "none"},
        )
