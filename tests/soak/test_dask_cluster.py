"""A real Dask cluster on this machine: the bytes of local work, whatever happens to workers, scheduler and driver."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest

import depsim
from depsim.config import prepare
from depsim.execution.executor import ExecutorError
from depsim.execution.plan import plan_work
from depsim.execution.sources import SourcesChangedError
from depsim.execution.work import Event, Finished, Receive
from tests.faults.drivers import Driver, finished_runs, wait_until
from tests.jobs import SMALL
from tests.jobs import depsim as command
from tests.programs import copy_program, edit
from tests.searches import here_and_there, multiverse_here_and_there
from tests.soak.clusters import Cluster
from tests.soak.servers import free_port

pytestmark = pytest.mark.usefixtures("empty")
JOB = [
    *SMALL,
    "treatment=ssri",
    "treatment.epochs=2",
    "cohort.size=24",
    "cohort.data=individual",
    "cohort.first_seed=0",
]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler of a test's own, still without workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    own = Cluster(folder)
    yield own
    own.close()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with two workers, for tests that leave it as it is."""
    own = Cluster(tmp_path_factory.mktemp("cluster"))
    own.worker()
    own.worker()
    yield own
    own.close()


def networks_kept_by_workers(cluster: Cluster) -> set[Path]:
    return set(cluster.folder.rglob("depsim-healthy/*/*.safetensors"))


def on(cluster: Cluster, *more: str) -> list[str]:
    return ["executor=dask", f"executor.address={cluster.address}", "executor.task_minutes=0.000001", *JOB, *more]


def work(cluster: Cluster, receive: Receive) -> None:
    spec = prepare(on(cluster, "tracking=none"))
    units = plan_work([(job.arm, job.seeds) for job in spec.job.replicates], spec.resources)
    with spec.resources.executor.open(1) as place:
        place.run(units, receive)


def after(count: int, act: object) -> tuple[list[int], Receive]:
    """The individuals that are finished, and who notes them and acts once when there are so many."""
    seeds: list[int] = []

    def receive(event: Event) -> None:
        if isinstance(event, Finished):
            seeds.extend(outcome.seed for outcome in event.outcomes)
            if len(seeds) == count:
                act()  # type: ignore[operator]

    return seeds, receive


def test_numbers_are_the_bytes_of_this_machine(two_workers: Cluster) -> None:
    kept = networks_kept_by_workers(two_workers)
    there, here = depsim.simulate(*on(two_workers)), depsim.simulate(*JOB, "workers=1")
    assert there.outcomes == here.outcomes
    assert len(there.outcomes) == 24
    assert networks_kept_by_workers(two_workers) == kept, "without a store nobody keeps networks"


def test_a_search_has_the_same_trials_with_its_trials_on_the_cluster(
    two_workers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = networks_kept_by_workers(two_workers)
    here_and_there(["executor=dask", f"executor.address={two_workers.address}"], tmp_path, monkeypatch, capsys)
    assert len(networks_kept_by_workers(two_workers) - kept) >= 2, "it was the workers that did it"


def test_a_multiverse_has_the_same_individuals_at_its_points(
    two_workers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    multiverse_here_and_there(["executor=dask", f"executor.address={two_workers.address}"], tmp_path, monkeypatch)


def test_a_worker_that_comes_late_one_that_is_slow_and_one_that_is_killed_lose_nothing(cluster: Cluster) -> None:
    first = cluster.worker()
    seeds, receive = after(2, cluster.worker)
    work(cluster, receive)
    first.send_signal(signal.SIGSTOP)
    more, again = after(1, lambda: first.send_signal(signal.SIGCONT))
    work(cluster, again)
    rest, last = after(3, first.kill)
    work(cluster, last)
    assert sorted(seeds) == sorted(more) == sorted(rest) == list(range(24))


def test_a_scheduler_that_is_killed_ends_the_work_in_words(cluster: Cluster) -> None:
    cluster.worker()
    seeds, receive = after(3, cluster.scheduler.kill)
    with pytest.raises(ExecutorError, match=rf"the Dask scheduler at {cluster.address} is gone"):
        work(cluster, receive)
    assert 3 <= len(set(seeds)) == len(seeds) < 24


def test_a_worker_whose_code_differs_refuses(cluster: Cluster, tmp_path: Path) -> None:
    program = copy_program(tmp_path / "program")
    edit(program / "depsim/steps/prune.py", "import annotations\n", "import annotations\n\nEDITED = True\n")
    cluster.worker(program)
    seeds, receive = after(1, lambda: None)
    with pytest.raises(SourcesChangedError, match=r"depsim\.steps\.prune"):
        work(cluster, receive)
    assert seeds == []


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("depsim.execution.dask_cluster._SECONDS_TO_CONNECT", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    assert command("run", "executor=dask", f"executor.address={address}", *JOB) == 1
    said = capsys.readouterr().err
    assert f"depsim: executor.address={address}: no Dask scheduler answers there" in said
    assert "To go on: depsim run executor=dask" in said
    assert command("run", "executor=dask", f"executor.address={address.replace('tcp', 'tls')}", *JOB) == 1
    assert "no Dask scheduler answers there (TLS expects" in capsys.readouterr().err


def test_an_address_is_asked_for_or_taken_from_dasks_own_configuration(
    two_workers: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("run", "executor=dask", *JOB) == 1
    assert "executor.address=null: must be the address of a Dask scheduler" in capsys.readouterr().err
    with dask.config.set({"scheduler-address": two_workers.address}):
        assert command("run", "executor=dask", *JOB) == 0


def individuals(study: str) -> dict[int, dict[str, float]]:
    frame = depsim.load_study(study).frame
    assert not frame.duplicated(["arm", "seed", "replicate", "metric"]).any()
    return {int(seed): dict(zip(own.metric, own.value, strict=True)) for seed, own in frame.groupby("seed")}


def test_driver_and_scheduler_killed_and_the_same_command_goes_on_without_a_trace_of_the_address(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.worker()
    longer = ("treatment.epochs=60", "task.train_size=1500", "cohort.size=12")
    words = ["run", *on(cluster, "study=far", *longer)]
    driver = Driver(Path.cwd(), words, said=cluster.folder)
    wait_until(lambda: len(finished_runs(Path.cwd())) >= 2 or not driver.alive, "two individuals")
    driver.kill()
    assert 0 < len(individuals("far")) < 12
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    again = Cluster(cluster.folder, cluster.port)  # the worker finds its way back, or a new one comes
    try:
        again.worker()
        assert command(*words) == 0
        assert list(cluster.folder.rglob("depsim-healthy/*")), "each worker keeps healthy networks"
        assert command(*words) == 0
        found = individuals("far")
        folder = tmp_path / "here"
        folder.mkdir()
        monkeypatch.chdir(folder)
        assert command("run", *JOB, *longer, "study=near", "workers=1") == 0
        assert found == individuals("near")
        assert len(found) == 12
        kept = [file for file in Path("../mlruns").resolve().rglob("*") if file.is_file()]
        assert kept
        assert not [file for file in kept if f":{cluster.port}".encode() in file.read_bytes()]
    finally:
        again.close()
