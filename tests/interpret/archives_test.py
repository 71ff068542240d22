from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.archives import archive_names, check_exists, load_attention_archive
from attention_vat.interpret.evaluation import evaluate_archive


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["out/vanilla/model.tar.gz"], ["vanilla"]),
        (["out/vanilla", "out/ivat/model.tar.gz"], ["vanilla", "ivat"]),
        (["sst/vanilla/model.tar.gz", "imdb/vanilla/model.tar.gz"], ["sst/vanilla", "imdb/vanilla"]),
        (["out/best.tar.gz", "out/last.tar.gz"], ["best.tar.gz", "last.tar.gz"]),
        (["out/vanilla", "out/vanilla/model.tar.gz"], ["vanilla (1)", "vanilla (2)"]),
    ],
)
def test_archives_are_called_by_what_tells_them_apart(paths, names):
    assert archive_names(paths) == names


def test_the_current_directory_has_a_name(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    assert archive_names(["model.tar.gz"]) == ["run"]


def test_missing_files(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no archive"):
        load_attention_archive(tmp_path / "none.tar.gz")
    with pytest.raises(ConfigurationError, match=r"has no config.json"):
        load_attention_archive(tmp_path)
    with pytest.raises(ConfigurationError, match="There is no data file"):
        evaluate_archive(tmp_path, str(tmp_path / "none.jsonl"))
    check_exists("https://example.org/model.tar.gz", "archive")
    check_exists(Path(tmp_path), "archive")
