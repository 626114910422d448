"""Names of plots on a command line."""

from __future__ import annotations

from pathlib import Path

from apanet_core.errors import ConfigError

PLOT_ENDINGS = (".png", ".svg", ".pdf")


def check_plot_name(path: Path) -> None:
    """Raise `ConfigError` unless a plot can be written under that name."""
    if path.suffix.lower() not in PLOT_ENDINGS:
        raise ConfigError(f"{path} is no name of a plot; it ends in {', '.join(PLOT_ENDINGS)}.")
