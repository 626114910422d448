import subprocess
import sys
from pathlib import Path

import pytest

from apanet_core.errors import ConfigError
from apanet_core.output_files import refuse_existing, replaced, written_aside


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
    (target / "old").touch()
    with written_aside(target, force=True) as aside:
        aside.mkdir()
        (aside / "new").touch()
        assert (target / "old").exists()
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


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
