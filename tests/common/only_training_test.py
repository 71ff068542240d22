import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common import only_training
from attention_vat.common.only_training import only_training_in


def test_one_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(only_training, "SECONDS_TO_WAIT", 0)
    (tmp_path / "other").mkdir()
    with only_training_in(tmp_path):
        with pytest.raises(ConfigurationError, match="Another process is training in "), only_training_in(tmp_path):
            raise AssertionError("two are in the block")
        with only_training_in(tmp_path / "other"):
            pass
    # It is free again, also after an error, and nothing stays.
    with pytest.raises(KeyError), only_training_in(tmp_path):
        raise KeyError
    with only_training_in(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ["other"]
