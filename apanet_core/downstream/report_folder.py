"""Everything a comparison leaves behind, in one folder that is whole or absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apanet_core.downstream.compare import ComparedPair
from apanet_core.downstream.data_files import as_json, pairs_csv
from apanet_core.downstream.page import TITLE, downstream_page
from apanet_core.downstream.poses_file import poses_text
from apanet_core.downstream.results import Results
from apanet_core.downstream.sequence import SequenceResults
from apanet_core.downstream.tables import as_markdown
from apanet_core.output_files import written_aside


@dataclass(frozen=True)
class Comparison:
    """What to write down.

    Attributes:
        results: the figures.
        samples: pairs to show, and why each is shown.
        about: name and text of each circumstance.
    """

    results: Results
    samples: Sequence[tuple[str, ComparedPair]]
    about: Sequence[tuple[str, str]]


REPORT_NAMES = ("report.html", "report.md", "pairs.csv", "results.json", "poses")


def write_folder(folder: Path, comparison: Comparison, force: bool) -> None:
    """Write report.html, report.md, pairs.csv, results.json and, of a sequence, poses/.

    Raises:
        ConfigError: the folder exists and `force` is false.
    """
    results, about = comparison.results, comparison.about
    page = downstream_page(results, comparison.samples, about)
    with written_aside(folder, force, REPORT_NAMES) as aside:
        aside.mkdir()
        page.write(aside / "report.html")
        texts = {
            "report.md": f"# {TITLE}\n\n{as_markdown(results, about)}\n",
            "pairs.csv": pairs_csv(results),
            "results.json": as_json(results, about),
        }
        for name, text in texts.items():
            (aside / name).write_text(text, encoding="utf-8")
        if results.sequence is not None:
            _write_poses(aside / "poses", results.sequence)


def _write_poses(folder: Path, sequence: SequenceResults) -> None:
    folder.mkdir()
    poses = {name: found.poses for name, found in sequence.trajectories.items()}
    for name, found in {**poses, "reference": sequence.reference}.items():
        (folder / f"{name}.txt").write_text(poses_text(found))
