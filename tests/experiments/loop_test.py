"""Which run is next, and what becomes of one that fails, with processes that are made up."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Optional

import pytest

from attention_vat.experiments.job import Job
from attention_vat.experiments.loop import RETRIES, Plan, train_all


@dataclass
class Made(Job):
    directory: str
    name: str
    threads: int = 1
    gpus: Optional[str] = None
    stage = "training"

    def run(self):
        raise NotImplementedError


class Places:
    """An executor whose processes end at once, with the codes that are given by name."""

    def __init__(self, slots=1, codes=None):
        self.slots, self.codes, self.started = slots, codes or {}, []

    def submit(self, job):
        self.started.append(job.name)
        future = Future()
        code = self.codes.get(job.name, 0)
        code = code.pop(0) if isinstance(code, list) else code
        if isinstance(code, Exception):
            future.set_exception(code)
        else:
            future.set_result(code)
        return future


class Names(Plan):
    def __init__(self, folder, names, unfinished=()):
        self.jobs = [Made(str(folder / name), name) for name in names]
        self.done, self.unfinished, self.most = set(), set(unfinished), 0

    def pending(self):
        return [job for job in self.jobs if job.name not in self.done]

    def finish(self, job):
        if job.name in self.unfinished:
            return False
        self.done.add(job.name)
        return True

    def show(self, running, failures):
        self.most = max(self.most, len(running))


@pytest.fixture
def folder(tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.txt").write_text(f"first\nlast line of {name}\n")
    return tmp_path


@pytest.mark.parametrize("slots", [1, 2])
def test_in_their_order_as_many_as_there_is_room_for(folder, slots):
    plan, places = Names(folder, "abc"), Places(slots)
    assert train_all(plan, places) == []
    assert places.started == ["a", "b", "c"] and plan.most == slots


def test_an_error_is_final_and_the_others_go_on(folder):
    plan, places = Names(folder, "abc"), Places(codes={"b": 1})
    (failure,) = train_all(plan, places)
    assert (failure.job.name, failure.reason) == ("b", "last line of b")
    assert plan.done == {"a", "c"} and places.started == ["a", "b", "c"]


def test_a_process_that_is_killed_gets_more_chances(folder):
    plan, places = Names(folder, "a"), Places(codes={"a": [-9, EOFError(), 0]})
    assert train_all(plan, places) == []
    assert places.started == ["a"] * 3

    places = Places(codes={"a": [-9] * (RETRIES + 1)})
    (failure,) = train_all(Names(folder, "a"), places)
    assert failure.reason == f"its process was killed by signal 9, {RETRIES + 1} times"
    assert places.started == ["a"] * (RETRIES + 1)


def test_a_run_that_leaves_nothing_has_failed(folder):
    (failure,) = train_all(Names(folder, "a", unfinished="a"), Places())
    assert failure.reason == "last line of a"


def test_what_the_executor_cannot_do_is_the_reason(folder):
    (failure,) = train_all(Names(folder, "a"), Places(codes={"a": ValueError("no room\nat all")}))
    assert failure.reason == "no room"


def test_after_the_time_limit_no_run_starts(folder):
    places = Places()
    assert train_all(Names(folder, "abc"), places, time_limit=-1) == []
    assert places.started == []
