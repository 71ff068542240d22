"""The slice of the campaign that belongs to the tests, and whether the campaign notices what it is made for."""

import json
import sys

import pytest

from tests.chaos.campaign import Journal, Result, Trial, plan
from tests.forks import python
from tests.stacks import on_modern_stack

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's processes")

# Trials are forks, so this is a process of its own, with one thread.
SCRIPT = """
import json, os, subprocess, sys, time
from pathlib import Path
from tests.chaos import __main__ as command
from tests.chaos import campaign, processes
from tests.chaos.trials import KINDS, kind

code = command.main(["--quick", "--jobs", "1", "--journal", sys.argv[1]])

@kind("good", "", 1, 0, seconds=30)
def good(rng, directory):
    (directory / "file").write_text("")

@kind("wrong", "", 1, 0)
def wrong(rng, directory):
    assert False, f"{rng.random()}"

@kind("killed", "", 1, 0)
def killed(rng, directory):
    os.kill(os.getpid(), 9)

@kind("hanging", "", 1, 0, seconds=0.2)
def hanging(rng, directory):
    time.sleep(60)

@kind("leaving", "", 1, 0)
def leaving(rng, directory):
    processes.run(lambda: subprocess.Popen(["sleep", "60"]), directory / "log").expect_success("")

names = ["good", "wrong", "wrong", "killed", "good", "hanging", "leaving", "good"]
results = []
campaign.run_trials([campaign.Trial(name, 3) for name in names], 5, 2, results.append)
Path(sys.argv[1], "results").write_text(json.dumps([[result.kind, result.failure] for result in results]))
sys.exit(code)
"""


@on_modern_stack
def test_a_slice_of_the_campaign_is_survived_and_failures_are_noticed(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    ending = python(tmp_path / "script.py", tmp_path, output=tmp_path / "log").wait(550)
    assert ending.code == 0, ending.output.read_text()
    failures = {}
    for kind, failure in json.loads((tmp_path / "results").read_text()):
        failures.setdefault(kind, []).append(failure)
    assert failures["good"] == [None, None, None]
    assert failures["wrong"][0].startswith("AssertionError: 0.")
    assert failures["wrong"][0] == failures["wrong"][1], "the same seed and number make the same trial"
    assert failures["killed"][0].startswith("the process of the trial was killed")
    assert failures["hanging"] == ["TimeoutError: took more than 0.2 s"]
    assert failures["leaving"] == ["1 processes are at work after the end of the trial"]


def test_all_kinds_have_had_their_share_whenever_a_campaign_stops():
    kinds = [trial.kind for trial in plan({"few": 2, "many": 6})]
    assert kinds == ["many", "few", "many", "many", "many", "few", "many", "many"]


def test_a_campaign_goes_on_from_its_journal(tmp_path):
    done, cut = Result("a", 0, 1.0, None), Result("a", 1, 1.0, "wrong")
    journal = Journal(tmp_path, seed=7)
    journal.add(done)
    journal.add(cut)
    journal.path.write_text(journal.path.read_text()[:-10])  # killed while it wrote
    assert Journal(tmp_path, seed=7).results == {Trial("a", 0): done}
    again = Journal(tmp_path, seed=7)
    again.add(cut)
    assert Journal(tmp_path, seed=7).results == {Trial("a", 0): done, Trial("a", 1): cut}
    assert Journal(tmp_path, seed=8).results == {}
    assert Journal(tmp_path, seed=7, fresh=True).results == {}
