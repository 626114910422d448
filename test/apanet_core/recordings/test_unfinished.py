from __future__ import annotations

import contextlib

import pytest

from apanet_core.errors import ConfigError
from apanet_core.recordings.unfinished import identity_of, unfinished, work_folder_of

JOB = {"model": "tiny"}


def interrupt(target, state=None):
    """Begin, save a state if one is given, and be interrupted."""
    with contextlib.suppress(KeyboardInterrupt), unfinished(target, JOB) as work:
        if state is not None:
            work.save_state(state)
        raise KeyboardInterrupt


def test_the_result_appears_at_the_end_and_nothing_else_stays(tmp_path):
    with unfinished(tmp_path / "out", JOB) as work:
        work.result.write_text("whole")
        assert not (tmp_path / "out").exists()

    assert (tmp_path / "out").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_interrupted_work_is_taken_up_again(tmp_path):
    interrupt(tmp_path / "out", state={"done": 3})

    with unfinished(tmp_path / "out", JOB) as work:
        assert work.load_state() == {"done": 3}
        work.result.mkdir()

    assert (tmp_path / "out").is_dir()


def test_without_a_state_nothing_is_left(tmp_path):
    interrupt(tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


def test_unfinished_work_of_another_job_is_kept_unless_forced(tmp_path):
    interrupt(tmp_path / "out", state={"done": 3})

    with (
        pytest.raises(ConfigError, match="out was begun with another input, model or settings"),
        unfinished(tmp_path / "out", {"model": "small"}),
    ):
        pass
    with unfinished(tmp_path / "out", {"model": "small"}, force=True) as work:
        assert work.load_state() is None
        work.result.mkdir()


def test_an_existing_output_is_replaced_only_by_force(tmp_path):
    (tmp_path / "out").write_text("old")

    with pytest.raises(ConfigError, match="out exists"), unfinished(tmp_path / "out", JOB):
        pass
    with unfinished(tmp_path / "out", JOB, force=True) as work:
        work.result.write_text("new")

    assert (tmp_path / "out").read_text() == "new"


def test_two_at_once_do_not_write_one_output(tmp_path):
    with unfinished(tmp_path / "out", JOB) as work:
        with (
            pytest.raises(ConfigError, match="Another process is writing"),
            unfinished(tmp_path / "out", JOB),
        ):
            pass
        assert work_folder_of(tmp_path / "out").is_dir()
        work.result.mkdir()


def test_an_identity_changes_with_the_file(tmp_path):
    (tmp_path / "a").write_text("one")
    before = identity_of([tmp_path])
    (tmp_path / "a").write_text("longer")

    assert identity_of([tmp_path]) != before


def test_a_folder_with_something_else_in_it_is_refused_before_the_work(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()

    with (
        pytest.raises(ConfigError, match=r"out holds thesis\.txt, which the new output does not"),
        unfinished(tmp_path / "out", JOB, force=True, names=["left", "right"]),
    ):
        pytest.fail("the work began")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_something_else_that_came_meanwhile_keeps_the_work_for_the_next_run(tmp_path):
    names = ["left"]

    def work_while_it_comes():
        with unfinished(tmp_path / "out", JOB, names=names) as work:
            (work.result / "left").mkdir(parents=True)
            work.save_state({"done": 1})
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "thesis.txt").touch()

    with pytest.raises(ConfigError, match=r"out holds thesis\.txt"):
        work_while_it_comes()
    (tmp_path / "out" / "thesis.txt").unlink()

    with unfinished(tmp_path / "out", JOB, force=True, names=names) as work:
        assert work.load_state() == {"done": 1}

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["left"]
