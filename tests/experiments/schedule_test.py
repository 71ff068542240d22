import json
from concurrent.futures import Future
from pathlib import Path

import pytest

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.job import ARCHIVE
from attention_vat.experiments.loop import RETRIES
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import number_of_runs, run_all
from tests.experiments.small import ROOT, Executor, finish, write_experiment


@pytest.fixture(autouse=True)
def in_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def load(tmp_path, **fields):
    experiment = load_experiment(write_experiment(tmp_path, **fields))
    cells = cells_of(experiment, "data", str(tmp_path / "out"))
    return cells, Runs(tmp_path / "out", evaluation=experiment.evaluation)


SEARCHED = {"techniques": ["attention_at"], "search": {"num_samples": 3}, "seeds": [0, 1]}


def test_search_comes_first_and_its_best_epsilon_is_used(tmp_path):
    cells, runs = load(tmp_path, **SEARCHED)
    epsilons = sorted(run.epsilon for run in cells[0].candidates)
    executor = Executor(lambda job: finish(job, f1=0.9 if job.facts["epsilon"] == epsilons[1] else 0.5))
    assert run_all(cells, runs, executor) == []
    assert [job.test_data is None for job in executor.jobs] == [True, True, True, False, False]
    assert [job.facts["epsilon"] for job in executor.jobs[3:]] == [epsilons[1]] * 2
    assert runs.best_epsilon(cells[0]) == epsilons[1]
    assert [run.seed for run in runs.final_runs(cells[0]) if runs.result(run)] == [0, 1]
    # The first final run goes on with the model of the search; the models of the others are gone.
    assert executor.jobs[3].directory in [job.directory for job in executor.jobs[:3]]
    assert [(Path(job.directory) / ARCHIVE).exists() for job in executor.jobs[:3]].count(True) == 1


def test_finished_runs_stay_and_more_seeds_are_added(tmp_path):
    cells, runs = load(tmp_path, **SEARCHED)
    run_all(cells, runs, Executor(finish))
    again = Executor(finish)
    cells, _ = load(tmp_path, **{**SEARCHED, "seeds": [0, 1, 2]})
    run_all(cells, Runs(tmp_path / "out"), again)
    assert [job.facts["seed"] for job in again.jobs] == [2]


def test_candidates_are_compared_by_their_mean_over_seeds(tmp_path):
    search = {"num_samples": 2, "training_seeds": [0, 1, 5]}
    cells, runs = load(tmp_path, techniques=["attention_at"], search=search)
    first, second = (run.epsilon for run in cells[0].candidates[:2])
    # The first one has the best run of all, the second one the better mean.
    scores = {first: {0: 0.9, 1: 0.5, 5: 0.5}, second: {0: 0.7, 1: 0.7, 5: 0.8}}
    executor = Executor(lambda job: finish(job, f1=scores[job.facts["epsilon"]][job.facts["seed"]]))
    assert run_all(cells, runs, executor) == []
    assert [(job.facts["epsilon"], job.facts["seed"]) for job in executor.jobs] == [
        *((epsilon, seed) for seed in (0, 1, 5) for epsilon in (first, second)),
        (second, 0),
    ]
    assert number_of_runs(cells[0]) == 7
    assert runs.best_epsilon(cells[0]) == second


def test_an_evaluation_by_more_is_made_again(tmp_path):
    cells, runs = load(tmp_path, techniques=["vanilla"])
    executor = Executor(finish)
    run_all(cells, runs, executor)
    assert executor.jobs[0].evaluation == ["correlation", "rationales"]
    uniform = {"type": "permutation", "num_permutations": 3}
    for evaluation, jobs in ((["correlation"], 1), (["correlation", uniform], 2)):
        cells, runs = load(tmp_path, techniques=["vanilla"], evaluation=evaluation)
        run_all(cells, runs, executor)
        assert len(executor.jobs) == jobs
    assert executor.jobs[1].evaluation == ["correlation", uniform]
    assert executor.jobs[1].directory == executor.jobs[0].directory


def test_a_measure_in_another_way_is_made_again(tmp_path):
    """Also where both were asked for once: which one the numbers are of, one cannot tell."""
    few, many = ({"type": "permutation", "num_permutations": number} for number in (3, 30))
    cells, runs = load(tmp_path, techniques=["vanilla"], evaluation=[many])
    executor = Executor(finish)
    run_all(cells, runs, executor)
    cells, runs = load(tmp_path, techniques=["vanilla"], evaluation=[few])
    assert runs.is_outdated(cells[0].final_runs()[0])
    run_all(cells, runs, executor)
    assert [job.evaluation for job in executor.jobs] == [[many], [few]]
    result = tmp_path / "out" / cells[0].final_runs()[0].name / "result.json"
    result.write_text(json.dumps({**json.loads(result.read_text()), "evaluation": [few, many]}))
    for evaluation in ([few], [many]):
        cells, runs = load(tmp_path, techniques=["vanilla"], evaluation=evaluation)
        assert runs.result(cells[0].final_runs()[0]) is None


def test_models_that_are_kept(tmp_path):
    cells, runs = load(tmp_path, techniques=["attention_at"], epsilons=[0.5])
    executor = Executor(finish)
    run_all(cells, runs, executor, keep_models=True)
    (run,) = cells[0].final_runs()
    # Another experiment has it among its candidates, and takes another one.
    searched = cells_of(load_experiment(write_experiment(tmp_path, **SEARCHED)), "data", str(tmp_path / "out"))[0]
    searched.__dict__["candidates"] = [run, *searched.candidates[:1]]
    best = Executor(lambda job: finish(job, f1=0.9))
    run_all([searched], runs, best)
    assert runs.best_epsilon(searched) != 0.5
    assert (runs.folder(run) / ARCHIVE).exists()
    # A model that is to be kept and is not there is trained again.
    (runs.folder(run) / ARCHIVE).unlink()
    assert Runs(tmp_path / "out").result(run) is not None
    assert Runs(tmp_path / "out", with_models=True).result(run) is None


def test_a_result_without_its_contents_is_none(tmp_path):
    cells, runs = load(tmp_path, techniques=["vanilla"])
    run_all(cells, runs, Executor(finish))
    (run,) = cells[0].final_runs()
    (runs.folder(run) / "result.json").write_text("")
    assert Runs(tmp_path / "out").result(run) is None


def test_other_test_data_is_evaluated(tmp_path):
    cells, runs = load(tmp_path, techniques=["vanilla"])
    run_all(cells, runs, Executor(finish))
    test = tmp_path / "test.jsonl"
    test.write_text("")
    cells, _ = load(tmp_path, techniques=["vanilla"], test_data={"example": str(test)})
    again = Executor(finish)
    run_all(cells, Runs(tmp_path / "out"), again)
    assert [job.test_data for job in again.jobs] == [str(test)]


def test_a_failed_run_is_reported_and_the_others_go_on(tmp_path):
    def perform(job):
        if job.facts["seed"] == 1:
            Path(job.directory).mkdir(parents=True)
            (Path(job.directory) / "log.txt").write_text("Traceback\nValueError: no luck\n\n")
            return 1
        return finish(job)

    cells, runs = load(tmp_path, techniques=["vanilla"], seeds=[0, 1, 2])
    executor = Executor(perform)
    (failure,) = run_all(cells, runs, executor)
    assert (failure.job.facts["seed"], failure.reason, failure.job.log.name) == (1, "ValueError: no luck", "log.txt")
    assert [job.facts["seed"] for job in executor.jobs] == [0, 1, 2]


def test_a_killed_process_gets_more_chances(tmp_path):
    codes = [-9, -9, -9, 0]
    cells, runs = load(tmp_path, techniques=["vanilla"])
    assert run_all(cells, runs, Executor(lambda job: codes.pop(0) or finish(job))) == []
    cells, runs = load(tmp_path, techniques=["vanilla"], seeds=[1])
    executor = Executor(lambda job: -9)
    (failure,) = run_all(cells, runs, executor)
    assert len(executor.jobs) == RETRIES + 1
    assert "killed by signal 9" in failure.reason


@pytest.mark.parametrize("loss", [255, EOFError("unexpected EOF"), ConnectionResetError()])
def test_a_lost_process_gets_more_chances(tmp_path, loss):
    """Of one whose server is gone nobody knows how it ended."""

    class Lossy(Executor):
        def submit(self, job):
            future = super().submit(job)
            if isinstance(loss, Exception):
                future = Future()
                future.set_exception(loss)
            return future

    cells, runs = load(tmp_path, techniques=["vanilla"])
    executor = Lossy(lambda job: loss)
    (failure,) = run_all(cells, runs, executor)
    assert len(executor.jobs) == RETRIES + 1
    assert failure.reason == f"its process was lost, {RETRIES + 1} times"


def test_a_search_with_a_failure_has_no_result(tmp_path):
    cells, runs = load(tmp_path, **SEARCHED)
    worst = cells[0].candidates[2].epsilon
    executor = Executor(lambda job: 1 if job.facts["epsilon"] == worst else finish(job))
    assert [failure.job.facts["epsilon"] for failure in run_all(cells, runs, executor)] == [worst]
    assert len(executor.jobs) == 3
    assert not any(map(runs.result, runs.final_runs(cells[0])))


def test_time_limit(tmp_path):
    cells, runs = load(tmp_path, techniques=["vanilla"], seeds=[0, 1])
    executor = Executor(finish)
    assert run_all(cells, runs, executor, time_limit=-1.0) == []
    assert executor.jobs == []


def test_runs_of_another_code_count_only_when_asked_for(tmp_path):
    cells, runs = load(tmp_path, techniques=["vanilla"])
    (run,) = cells[0].final_runs()
    run_all(cells, runs, Executor(finish))
    (tmp_path / "out" / run.name).rename(tmp_path / "out" / f"{run.name.rpartition('-')[0]}-00000000")
    assert Runs(tmp_path / "out").result(run) is None
    assert Runs(tmp_path / "out", any_code=True).result(run)["config_hash"] == run.config_hash


def test_facts_are_written(tmp_path):
    unlabeled = [{"count": 10}]
    cells, runs = load(tmp_path, techniques=["attention_vat_semi_supervised"], unlabeled=unlabeled, epsilons=[2.0])
    executor = Executor(finish)
    run_all(cells, runs, executor)
    facts = json.loads((Path(executor.jobs[0].directory) / "result.json").read_text())
    assert (facts["corpus"], facts["technique"]) == ("example", "attention_vat_semi_supervised")
    assert (facts["seed"], facts["epsilon"]) == (0, 2.0)
    assert facts["unlabeled"] == {"count": 10, "strategy": "random"}
