"""Deraining in a process that was forked from one that had derained already."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")

from apanet_core.errors import BackendError
from apanet_core.runtime import forked

PARENT = """
import logging, multiprocessing, sys
import numpy as np
import torch
from apanet_core.runtime.derainer import StereoDerainer

logging.basicConfig(format="%(message)s")
torch.set_num_threads(int(sys.argv[2]))
views = np.random.default_rng(0).integers(0, 256, (2, 200, 320, 3), np.uint8)
expected = []


def child(derainer):
    derainer = derainer or StereoDerainer("tiny", "cpu", threads=2)
    for found, wanted in zip(derainer.derain(*views), expected):
        print("largest difference", np.abs(found.astype(int) - wanted).max(), flush=True)


derainer = StereoDerainer("tiny", "cpu")
if sys.argv[1] != "loaded":
    expected = derainer.derain(*views)
given = None if sys.argv[1] == "anew" else derainer
process = multiprocessing.get_context("fork").Process(target=child, args=(given,))
process.start()
process.join(120)
print("still running" if process.is_alive() else f"exit code {process.exitcode}")
process.kill()
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARENT, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("kind", ["used", "anew", "loaded"])
def test_a_forked_child_derains_with_one_thread_and_a_warning(kind) -> None:
    ran = run(kind, "2")

    assert "exit code 0" in ran.stdout, ran
    if kind != "loaded":
        assert ran.stdout.count("largest difference 0") == 2
    assert ran.stderr.count("it derains with one thread. Start it by spawn") == 1


def test_where_there_was_one_thread_nothing_is_lost_and_nothing_said() -> None:
    ran = run("used", "1")

    assert "exit code 0" in ran.stdout
    assert "spawn" not in ran.stderr


def test_a_gpu_is_refused_with_the_way_that_works(monkeypatch) -> None:
    monkeypatch.setattr(forked, "_settled_in", os.getpid() + 1)

    with pytest.raises(BackendError, match=r"cannot use the GPU: start it by spawn, as multip"):
        forked.settle_after_fork("cuda:0")
