import os
import re
import subprocess
from pathlib import Path

import pytest

import apanet_core.machine
from apanet_core.machine import describe_commit, describe_machine

ROOT = Path(__file__).parents[2]


def test_the_machine_is_named_with_its_cores_and_python():
    machine = describe_machine()
    assert f"{len(os.sched_getaffinity(0))} cores" in machine
    assert re.search(r"Python 3\.\d+\.\d+$", machine)


def test_the_commit_is_the_checkouts_own():
    command = ["git", "rev-parse", "--short", "HEAD"]
    head = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if head.returncode != 0:
        pytest.skip("this is no git checkout")
    assert describe_commit().rstrip("+") == head.stdout.strip()


def test_a_copy_in_somebody_elses_repository_has_no_commit(tmp_path, monkeypatch):
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    commit = ["git", *identity, "commit", "-q", "--allow-empty", "-m", "Begin"]
    subprocess.run(commit, cwd=tmp_path, check=True)
    copy = tmp_path / "site-packages" / "machine.py"
    copy.parent.mkdir()
    copy.touch()
    monkeypatch.setattr(apanet_core.machine, "__file__", str(copy))
    assert describe_commit() == "not in git"


def test_outside_git_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(apanet_core.machine, "__file__", str(tmp_path / "machine.py"))
    assert describe_commit() == "not in git"
