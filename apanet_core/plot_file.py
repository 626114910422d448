"""Files that plots are written to, as a command line names them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.errors import ConfigError
from apanet_core.output_files import replaced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT_ENDINGS = (".png", ".svg", ".pdf")


def check_plot_name(path: Path) -> None:
    """Raise `ConfigError` unless a plot can be written under that name."""
    if path.suffix.lower() not in PLOT_ENDINGS:
        raise ConfigError(f"{path} is no name of a plot; it ends in {', '.join(PLOT_ENDINGS)}.")


def write_plot(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's ending, one of `PLOT_ENDINGS`."""
    with replaced(path) as aside:
        figure.savefig(aside, format=path.suffix.lower().removeprefix("."), dpi=120)
