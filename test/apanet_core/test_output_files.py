import subprocess
import sys
import time
from glob import escape
from pathlib import Path

import pytest

from apanet_core.errors import ConfigError
from apanet_core.output_files import (
    InputPlaces,
    refuse_existing,
    refuse_foreign,
    refuse_inputs,
    replaced,
    written_aside,
)


def test_a_file_appears_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "out.txt"
    with written_aside(target) as aside:
        aside.write_text("whole")
        assert not target.exists()
        assert aside.name == target.name
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_replaces_an_old_one(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "page").write_text("old")
    with written_aside(target, force=True) as aside:
        aside.mkdir()
        (aside / "page").write_text("new")
        (aside / "more").touch()
        assert (target / "page").read_text() == "old"
    assert (target / "page").read_text() == "new"
    assert (target / "more").exists()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_folder_with_something_else_in_it_is_not_replaced(tmp_path, kind):
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.txt").write_text("years")
    (target / "page").write_text("old")

    def replace():
        with written_aside(target, force=True) as aside:
            if kind == "file":
                aside.touch()
            else:
                aside.mkdir()
                (aside / "page").write_text("new")

    with pytest.raises(ConfigError, match=r"precious holds .*, which the new output does not"):
        replace()
    assert (target / "thesis.txt").read_text() == "years"
    assert (target / "page").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_output_is_kept_off_the_inputs(tmp_path):
    left, linked = tmp_path / "drive/left", tmp_path / "linked/left"
    left.mkdir(parents=True)
    linked.parent.mkdir()
    linked.symlink_to(left)

    for target, path, relation in (
        (left, left, "is"),
        (left, linked, "is"),
        (tmp_path / "drive/../drive", left, "holds"),
        (tmp_path / "drive", linked, "holds"),
        (tmp_path / "linked", linked, "holds"),
        (left / "new/out", left, "lies in"),
    ):
        message = f"{target} {relation} the input {path}; give another output"
        with pytest.raises(ConfigError, match=message):
            refuse_inputs(target, [tmp_path / "other", path])
    refuse_inputs(tmp_path / "drive/derained", [left])
    refuse_inputs(tmp_path / "drive/left_derained", [left])


def test_names_with_the_characters_of_patterns_are_known_as_made(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    for name in ("a[1].png", "what?.png", "a*.png", "[[].png", "plain"):
        (target / name).touch()
    with written_aside(target, force=True) as aside:
        aside.mkdir()
        for path in target.iterdir():
            (aside / path.name).write_text("new")
    assert all(path.read_text() == "new" for path in target.iterdir())
    (target / "a1.png").touch()
    with pytest.raises(ConfigError, match=r"out holds a1\.png, which the new output does not"):
        refuse_foreign(target, map(escape, ("a[1].png", "what?.png", "a*.png", "[[].png", "plain")))


def test_many_files_are_looked_at_once_each(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    names = [f"{number:06}[a].png" for number in range(4000)]
    for name in names:
        (target / name).touch()
    begin = time.process_time()
    refuse_foreign(target, [*map(escape, names), "*.yaml"])
    # Comparing each with each takes many times longer.
    assert time.process_time() - begin < 1


def test_many_inputs_are_looked_up_once(tmp_path):
    inputs = [tmp_path / f"drive{number}" for number in range(1000)]
    begin = time.process_time()
    places = InputPlaces(inputs)
    for path in inputs:
        places.refuse(tmp_path / "out" / path.name)
    assert time.process_time() - begin < 5
    with pytest.raises(ConfigError, match="drive7 is the input"):
        places.refuse(inputs[7])


def break_off(target: Path):
    with written_aside(target, force=True) as aside:
        aside.write_text("half")
        raise RuntimeError("in the middle")


def test_an_error_leaves_everything_as_it_was(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="in the middle"):
        break_off(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_exists_is_refused(tmp_path):
    (tmp_path / "out.txt").touch()
    message = r"out\.txt exists; give another output, or --force to replace it\."
    with pytest.raises(ConfigError, match=message), written_aside(tmp_path / "out.txt"):
        pass
    with pytest.raises(ConfigError, match=message):
        refuse_existing(tmp_path / "out.txt", force=False)
    refuse_existing(tmp_path / "out.txt", force=True)


def test_what_may_be_replaced_may_hold_only_what_the_new_output_does(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.md").touch()
    for force_and_names in ((True, ["report.*"]), (True, None)):
        refuse_existing(tmp_path / "out", *force_and_names)
    with pytest.raises(ConfigError, match=r"out holds report\.md, which the new output does not"):
        refuse_existing(tmp_path / "out", True, ["*.csv"])
    with pytest.raises(ConfigError, match=r"out exists"):
        refuse_existing(tmp_path / "out", False, ["report.*"])


def test_a_place_below_a_file_is_refused_before_anything_is_computed(tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "file" / "out", tmp_path / "file" / "new" / "out"):
        with pytest.raises(ConfigError, match=r"out would lie below .*file, a file"):
            refuse_existing(target, force=True)
    refuse_existing(tmp_path / "new" / "newer" / "out", force=False)


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    target = tmp_path / "state.pt"
    target.write_text("old")
    with replaced(target) as aside:
        aside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_stays_whole_when_the_disk_is_full(tmp_path):
    target = tmp_path / "state.pt"
    target.write_text("old")
    limited = """
import resource, signal, sys
from pathlib import Path
from apanet_core.output_files import replaced
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with replaced(Path(sys.argv[1])) as aside:
    aside.write_bytes(bytes(2000))
"""
    run = [sys.executable, "-c", limited, str(target)]
    failed = subprocess.run(run, capture_output=True, text=True, check=False)
    assert "File too large" in failed.stderr
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
