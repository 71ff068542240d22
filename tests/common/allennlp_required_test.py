import importlib.util
import sys

import pytest

from attention_vat.common.allennlp_required import require_allennlp


def test_nothing_happens_with_allennlp():
    require_allennlp()


@pytest.mark.parametrize(
    ("version", "command"),
    [((3, 8), "pip install allennlp==2.10.1"), ((3, 12), "pip install --no-deps -r requirements/modern.txt")],
)
def test_without_allennlp_the_error_says_which_command_installs_it(monkeypatch, version, command):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(ImportError, match="needs AllenNLP 2.10.1, which is not installed") as error:
        require_allennlp()
    assert command in str(error.value)
