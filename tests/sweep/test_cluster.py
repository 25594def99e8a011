"""A real scheduler and real worker processes: order, one result each, and what happens when workers die."""

import os
import signal
import socket
from itertools import islice

import pytest
from clusterwork import Step, deaf, die_always, die_once, square, surroundings

from crosscodec.errors import OutputFailed, UsageError
from crosscodec.sweep import cluster
from crosscodec.sweep.cluster import ClusterAddress, map_tasks, map_unordered, parse_address

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")


@pytest.fixture(scope="module")
def address():
    """A scheduler with two worker processes, each of which is started again when it dies."""
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 1,  # of 3: each costs a new process
                "distributed.deploy.lost-worker-timeout": cluster.LOST,
            }
        ),
        distributed.LocalCluster(n_workers=2, **options) as local,
    ):
        yield local.scheduler_address


def unexpected(step, error):
    raise AssertionError(f"{step} was lost: {error}")


def steps(folder, count, seconds=0.0):
    return [Step(number, str(folder), seconds) for number in range(count)]


def test_results_come_in_order_from_several_processes(address, tmp_path):
    results = list(map_tasks(address, square, steps(tmp_path, 20, 0.01), unexpected))
    assert [value for value, _ in results] == [number**2 for number in range(20)]
    assert len({process for _, process in results}) == 2
    assert os.getpid() not in {process for _, process in results}


def test_equal_tasks_are_each_done(address, tmp_path):
    assert [value for value, _ in map_tasks(address, square, [Step(5, str(tmp_path))] * 3, unexpected)] == [25] * 3


def test_no_tasks_no_results(address):
    assert list(map_tasks(address, square, [], unexpected)) == []


def test_tasks_are_taken_as_workers_become_free(address, tmp_path):
    taken = []

    def watched():
        for step in steps(tmp_path, 100):
            taken.append(step.number)
            yield step

    results = map_tasks(address, square, watched(), unexpected)
    assert next(results)[0] == 0
    assert len(taken) == 2 * cluster.AHEAD
    results.close()
    assert len(taken) == 2 * cluster.AHEAD


def test_a_worker_that_is_killed_midway_loses_and_doubles_nothing(address, tmp_path):
    results = map_tasks(address, square, steps(tmp_path, 24, 0.05), unexpected)
    first = list(islice(results, 4))
    os.kill(first[-1][1], signal.SIGKILL)
    everything = first + list(results)
    assert [value for value, _ in everything] == [number**2 for number in range(24)]


def test_a_worker_that_dies_on_a_task_is_replaced(address, tmp_path):
    results = list(map_tasks(address, die_once, steps(tmp_path, 12), unexpected))
    assert [value for value, _ in results] == [number**2 for number in range(12)]
    assert (tmp_path / "struck").exists()


def test_only_the_task_that_kills_is_lost_and_only_the_one_that_raises_fails(address, tmp_path):
    results = list(map_tasks(address, die_always, steps(tmp_path, 8), lambda step, error: (type(error).__name__, step)))
    assert [value for value, _ in results] == [0, 1, 4, "KilledWorker", "ValueError", 25, 36, 49]
    assert results[3][1].number == 3


def test_unordered_results_come_each_once_with_their_tasks(address, tmp_path):
    """The worker that dies on number 3 loses and doubles nothing."""
    found = list(map_unordered(address, die_once, steps(tmp_path, 8), unexpected))
    assert sorted((task.number, value) for task, (value, _) in found) == [(n, n**2) for n in range(8)]
    assert (tmp_path / "struck").exists()


def test_unordered_the_task_that_kills_is_lost_and_the_others_are_not(address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "BLAMED", 1)
    lost = dict(map_unordered(address, die_always, steps(tmp_path, 5)[2:], lambda step, error: type(error).__name__))
    assert lost[Step(3, str(tmp_path))] == "KilledWorker"
    assert lost[Step(4, str(tmp_path))] in ("ValueError", "KilledWorker")
    assert list(map_unordered(address, square, [], unexpected)) == []


def test_processes_of_this_machine_have_the_environment_that_is_asked_for(tmp_path):
    ((_, found),) = map_unordered(
        "local:1", surroundings, [Step(0, str(tmp_path))], unexpected, {"OMP_WAIT_POLICY": "passive"}
    )
    assert found == ("passive", "1")


def test_processes_of_this_machine(tmp_path):
    results = list(map_tasks("local:1", square, steps(tmp_path, 3), unexpected))
    assert [value for value, _ in results] == [0, 1, 4]
    with pytest.raises(ProcessLookupError):  # they live as long as the work
        os.kill(results[0][1], 0)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("local", ClusterAddress(None)),
        ("local:3", ClusterAddress(None, 3)),
        ("tcp://host:8786", ClusterAddress("tcp://host:8786")),
    ],
)
def test_addresses(text, meant):
    assert parse_address(text) == meant


@pytest.mark.parametrize("text", ["", "local:", "local:0", "local:-1", "local:999", "locally", "host:8786", "local:²"])
def test_other_addresses_are_named(text):
    with pytest.raises(UsageError, match="a cluster is 'local'"):
        list(map_tasks(text, square, [], unexpected))


def test_nobody_there_is_an_error_of_ours(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with socket.socket() as taken:  # bound but not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OutputFailed, match="no Dask scheduler answers at tcp"):
            list(map_tasks(f"tcp://127.0.0.1:{taken.getsockname()[1]}", square, [], unexpected))


def test_a_cluster_that_starts_workers_for_tasks_is_given_tasks_first(tmp_path, caplog, monkeypatch):
    """Adaptive clusters, as on Slurm: no worker until there is work, and then perhaps later than anybody's patience."""
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=0, **options) as local:
        local.adapt(minimum=0, maximum=1, interval="3s")  # longer than the patience
        found = dict(map_unordered(local.scheduler_address, square, steps(tmp_path, 2), unexpected))
    assert sorted(value for value, _ in found.values()) == [0, 1]
    assert "has no worker yet; the 2 tasks wait" in caplog.text


def test_a_batch_does_not_wait_for_ever_for_its_first_worker(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as local,
        pytest.raises(OutputFailed, match=r"has no worker after 1\.0 s"),
    ):
        list(map_tasks(local.scheduler_address, square, steps(tmp_path, 2), unexpected))


def test_ctrl_c_is_for_the_one_process_that_ends_the_others(tmp_path):
    """A worker that was still importing ended in a traceback of its own."""
    assert list(map_tasks("local:1", deaf, steps(tmp_path, 1), unexpected)) == [True]
    assert not deaf(None), "here it is heard again"


def test_interrupts_are_blocked_no_longer_than_asked_for():
    with cluster._interrupts_blocked() as released:
        assert deaf(None)
        released()
        assert not deaf(None)
    with pytest.raises(KeyError), cluster._interrupts_blocked():
        raise KeyError
    assert not deaf(None)
