import os
import signal

import pytest

from attention_vat.search import search
from attention_vat.search.resources import Resources
from attention_vat.search.runs import Run, write_json
from attention_vat.search.search import run_search
from tests.search.tiny import configuration


def test_sigterm_ends_a_search_as_ctrl_c_does(tmp_path, monkeypatch):
    pytest.importorskip("ray.tune")
    run = Run(tmp_path / "run_00000")
    run.directory.mkdir()
    write_json(run.directory / "config.json", configuration())
    # Ray has a handler of its own from then on.
    monkeypatch.setattr(search, "start_ray", lambda resources: signal.signal(signal.SIGTERM, signal.SIG_IGN))
    monkeypatch.setattr(search, "check_cluster", lambda resources: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        run_search([run], Resources())
    assert signal.getsignal(signal.SIGTERM) is before
    assert run.status == "unfinished"
