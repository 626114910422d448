"""Many recordings: processes and Ray give what one process gives, also when workers are lost."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")

from apanet_core.errors import ApanetError
from apanet_core.recordings import fleet
from apanet_core.recordings.fleet import attempt, over_processes, over_ray
from apanet_core.recordings.inputs import find_recordings
from apanet_core.recordings.job import Job, derain_recording
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import work_folder_of

RECORDINGS = 4
PATIENCE_S = 120.0
LOST = """
import os, signal, time
from apanet_core.recordings.job import derain_recording
from apanet_core.recordings.tally import Tally


def die_once(job):
    witness = job.output.parent / "died"
    if job.output.name == "drive2" and not witness.exists():
        witness.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return derain_recording(job)


def wait_for_the_end(job):
    if job.output.name == "drive0":
        return Tally(derained=2)
    begun = job.output.with_suffix(".begun")
    try:
        begun.touch()
        time.sleep(600)
    finally:
        begun.rename(job.output.with_suffix(".ended"))


def die_always(job):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def lost_workers(tmp_path, monkeypatch):
    """Functions for workers whose process is killed, where those can import them."""
    (tmp_path / "lost_workers.py").write_text(LOST)
    monkeypatch.syspath_prepend(tmp_path)
    import lost_workers

    yield lost_workers
    del sys.modules["lost_workers"]


@pytest.fixture
def make_jobs(tmp_path, make_drive, data_folder):
    """Jobs on the same four drives, whose outputs go into a folder of their own."""
    drives = [make_drive(f"drive{number}", 2) for number in range(RECORDINGS)]

    def make(output: str) -> list[Job]:
        return [
            Job(
                find_recordings([str(drive)])[0],
                tmp_path / output / drive.name,
                model=str(data_folder / "small.onnx"),
                device="cpu",
            )
            for drive in drives
        ]

    return make


@pytest.fixture
def alone(tmp_path, make_jobs) -> dict[str, bytes]:
    """What one process makes of the drives."""
    for job in make_jobs("alone"):
        assert derain_recording(job).derained == 2
    return contents(tmp_path / "alone")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.png")}


def test_processes_give_what_one_gives(tmp_path, make_jobs, alone):
    outcomes = list(over_processes(derain_recording, make_jobs("many"), 2))

    assert sorted(job.output.name for job, _ in outcomes) == [f"drive{n}" for n in range(4)]
    assert all(outcome == Tally(derained=2) for _, outcome in outcomes)
    assert contents(tmp_path / "many") == alone


def test_a_killed_process_is_made_up_for(tmp_path, make_jobs, alone, lost_workers):
    (tmp_path / "many").mkdir()

    outcomes = list(over_processes(lost_workers.die_once, make_jobs("many"), 2))

    assert sorted(job.output.name for job, _ in outcomes) == [f"drive{n}" for n in range(4)]
    assert (tmp_path / "many" / "died").exists()
    assert contents(tmp_path / "many") == alone


def test_what_always_dies_is_given_up(make_jobs, lost_workers):
    ((_, outcome),) = over_processes(lost_workers.die_always, make_jobs("many")[:1], 1)

    assert outcome == "Its worker died 3 times; give it more memory or fewer processes."


def test_a_recording_that_fails_does_not_stop_the_others(make_jobs):
    jobs = make_jobs("many")[:2]
    (jobs[0].recording.paths[1] / "000.png").unlink()

    failed, good = sorted(
        over_processes(derain_recording, jobs, 1), key=lambda outcome: outcome[0].output
    )

    assert "Pictures without a partner" in str(failed[1])
    assert good[1] == Tally(derained=2)


@pytest.mark.parametrize(("cores", "threads"), [(7, "3"), (1, "1")])
def test_processes_share_the_cores_that_affinity_leaves(monkeypatch, cores, threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setattr("os.cpu_count", lambda: 64)

    with fleet._threads_shared(2):
        assert os.environ["OMP_NUM_THREADS"] == threads
    assert "OMP_NUM_THREADS" not in os.environ


def test_who_wants_no_more_ends_the_workers_in_order(tmp_path, make_jobs, lost_workers):
    many = tmp_path / "many"
    many.mkdir()
    outcomes = over_processes(lost_workers.wait_for_the_end, make_jobs("many"), 2)
    assert next(outcomes)[0].output.name == "drive0"
    deadline = time.monotonic() + PATIENCE_S
    while not (begun := len(list(many.iterdir()))):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    outcomes.close()

    # What had begun ended by itself, and little or nothing new was begun.
    assert {path.suffix for path in many.iterdir()} == {".ended"}
    assert len(list(many.iterdir())) <= begun + 1


def disturb(job: Job) -> None:
    """Put an empty file where the unfinished output of a job would be a folder."""
    job.output.parent.mkdir(exist_ok=True)
    work_folder_of(job.output).touch()


@pytest.mark.parametrize("processes", [0, 2])
def test_what_the_system_refuses_does_not_stop_the_others(make_jobs, processes):
    jobs = make_jobs("many")[:2]
    disturb(jobs[0])

    if processes:
        outcomes = list(over_processes(derain_recording, jobs, processes))
    else:
        outcomes = [(job, attempt(derain_recording, job)) for job in jobs]

    failed, good = sorted(outcomes, key=lambda outcome: outcome[0].output)
    assert f"Cannot use {work_folder_of(jobs[0].output)}" in str(failed[1])
    assert good[1] == Tally(derained=2)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("no such shape"), "ValueError: no such shape"),
        (MemoryError(), "MemoryError"),
        (OSError(), "OSError"),
        (OSError(errno.ENOSPC, "No space left"), "No space left; make room, or choose another"),
        (ModuleNotFoundError("No typo", name="typo"), "ModuleNotFoundError: No typo"),
        (ModuleNotFoundError(name="rosbags"), "pip install 'apanet_ros[tools]'"),
    ],
)
def test_any_error_becomes_a_sentence(make_jobs, error, sentence):
    def work(job: Job) -> Tally:
        raise error

    assert sentence in str(attempt(work, make_jobs("many")[0]))


def wait_then_derain(job: Job) -> Tally:
    """Say on which machine the job began, and wait for the loss of another one."""
    import ray

    folder, here = job.output.parent, ray.get_runtime_context().get_node_id()
    with (folder / "begun").open("a") as begun:
        begun.write(f"{here}\n")
    lost = folder / "lost"
    deadline = time.monotonic() + PATIENCE_S
    # A worker outlives its machine for a moment: it must not end its job in that time.
    while not (lost.exists() and lost.read_text() != here) and time.monotonic() < deadline:
        time.sleep(0.05)
    return derain_recording(job)


def lose_machine_under_work(cluster, machine, folder: Path) -> None:
    """Kill a machine as soon as a job has begun on it; only then may jobs on others end."""
    deadline = time.monotonic() + PATIENCE_S
    begun = folder / "begun"
    while not (begun.exists() and machine.node_id in begun.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    cluster.remove_node(machine, allow_graceful=False)
    (folder / "lost.aside").write_text(machine.node_id)
    (folder / "lost.aside").rename(folder / "lost")


@pytest.fixture
def ray_cluster(monkeypatch):
    """A head that computes nothing and two machines of one CPU each, all on loopback."""
    ray = pytest.importorskip("ray")
    from ray import cloudpickle
    from ray._private import ray_constants
    from ray.cluster_utils import Cluster

    # Workers cannot import this file: they get the function itself.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    # Else Ray takes loopback for this machine's outer address, where none of the nodes listens.
    monkeypatch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    size = {"node_ip_address": "127.0.0.1", "object_store_memory": 80_000_000}
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False} | size
    )
    machines = [cluster.add_node(num_cpus=1, **size) for _ in range(2)]
    yield cluster, machines
    ray.shutdown()
    cluster.shutdown()
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def test_a_ray_cluster_that_loses_a_machine_half_way_gives_the_same(
    tmp_path, make_jobs, alone, ray_cluster
):
    cluster, machines = ray_cluster
    (tmp_path / "many").mkdir()
    killer = threading.Thread(
        target=lose_machine_under_work, args=(cluster, machines[1], tmp_path / "many")
    )
    killer.start()

    outcomes = list(over_ray(wait_then_derain, make_jobs("many"), cluster.address))

    killer.join()
    assert [outcome for _, outcome in outcomes] == [Tally(derained=2)] * RECORDINGS
    begun = (tmp_path / "many" / "begun").read_text().split()
    assert len(begun) == RECORDINGS + 1, "the job of the lost machine was not begun again"
    assert contents(tmp_path / "many") == alone


def test_no_cluster_is_told(make_jobs):
    pytest.importorskip("ray")

    with pytest.raises(ApanetError, match=r"No Ray cluster at 127\.0\.0\.1:1"):
        list(over_ray(derain_recording, make_jobs("many"), "127.0.0.1:1"))
