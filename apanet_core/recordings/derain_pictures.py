"""Derains a pair of pictures, or the pairs of two folders."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apanet_core.data.stereo_folder import PairFiles
from apanet_core.data.view_names import VIEWS
from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain
from apanet_core.imaging.files import pictures_of, write_stored_together
from apanet_core.imaging.picture_codec import StoredPicture
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.output_files import written_aside
from apanet_core.progress import progress
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import WorkFolder, unfinished

UNREADABLE = "unreadable or unequal pairs, copied"


def derain_pair(derain: Derain, pair: PairFiles, target: Path, force: bool = False) -> Tally:
    """Derain two files into the folder `target`, as left and right with the endings they had.

    They keep their bits, their range, their alpha, and gray stays gray.

    Raises:
        ImageError: a file cannot be read, or their sizes differ.
        ConfigError: `target` exists and `force` is not given.
    """
    derained = _derained(derain, pair, pair.read_stored(), WhiteLevel())
    with written_aside(target, force) as folder:
        folder.mkdir()
        names = [f"{view}{path.suffix}" for view, path in zip(VIEWS, pair, strict=True)]
        write_stored_together(
            {folder / name: view for name, view in zip(names, derained, strict=True)}
        )
    return Tally(derained=1)


def derain_folders(
    derain: Derain,
    files: Sequence[PairFiles],
    target: Path,
    job: dict[str, Any],
    force: bool = False,
) -> Tally:
    """Derain pairs of files into `target/left` and `target/right`, under the names they had.

    A pair that cannot be read, or whose views differ in size, is counted and copied as it is.

    Args:
        derain: takes and returns RGB `[H,W,3]` views, uint8 or uint16 of full range.
        files: in the order of time.
        target: the folder to make.
        job: what tells this work from other, see `unfinished`; an interrupted run goes on.
        force: replace an existing `target`.

    Raises:
        ImageError: no pair at all could be derained; it says why.
        ConfigError: as `unfinished`.
    """
    with unfinished(target, job, force, VIEWS) as work:
        state = work.load_state() or {"done": 0, "tally": Tally().to_dict(), "white": {}}
        done, tally = state["done"], Tally.from_dict(state["tally"])
        level = WhiteLevel(known=state["white"])
        for view in VIEWS:
            (work.result / view).mkdir(parents=True, exist_ok=True)
        rest = files[done:]
        for number, pair in enumerate(
            progress(rest, "derain", len(files), unit="pair", done=done), done + 1
        ):
            _derain_or_copy(derain, pair, level, work, tally)
            work.save_state({"done": number, "tally": tally.to_dict(), "white": level.state})
        if not tally.derained:
            work.discard()
            raise ImageError(f"No pair could be derained: {tally.examples[0]}")
    return tally


def _derain_or_copy(
    derain: Derain, pair: PairFiles, level: WhiteLevel, work: WorkFolder, tally: Tally
) -> None:
    outputs = [work.result / view / path.name for view, path in zip(VIEWS, pair, strict=True)]
    try:
        derained = _derained(derain, pair, pair.read_stored(), level)
    except ImageError as error:
        tally.note(UNREADABLE, str(error))
        for path, output in zip(pair, outputs, strict=True):
            shutil.copyfile(path, output)
        return
    write_stored_together(dict(zip(outputs, derained, strict=True)))
    tally.derained += 1


def _derained(
    derain: Derain, pair: PairFiles, stored: Sequence[StoredPicture], level: WhiteLevel
) -> list[StoredPicture]:
    left, right = pictures_of(pair, stored, level)
    views = derain(left, right)
    return [each.shows(view, level) for each, view in zip(stored, views, strict=True)]
