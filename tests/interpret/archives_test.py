import tarfile
from pathlib import Path

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.archives import archive_names, check_exists, check_is_file, load_attention_archive
from attention_vat.interpret.evaluation import evaluate_archive
from tests.commands.evaluate_attention_test import make_archive


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


def test_files_that_are_something_else(tmp_path):
    whole = make_archive(tmp_path / "whole", 0)
    text, half, bare = (tmp_path / name for name in ("text.tar.gz", "half.tar.gz", "bare.tar.gz"))
    text.write_text("no archive")
    half.write_bytes(whole.read_bytes()[:-100])
    with tarfile.open(bare, "w:gz") as archive:
        archive.add(text, arcname="notes.txt")
    for path in (text, half):
        with pytest.raises(ConfigurationError, match=rf"^The archive .*{path.name} cannot be read \(.*; give a model"):
            load_attention_archive(path)
    with pytest.raises(ConfigurationError, match=r"^The archive .*bare.tar.gz is refused: it has no config.json"):
        load_attention_archive(bare)


def test_weights_that_are_something_else(tmp_path):
    archive, weights = make_archive(tmp_path / "whole", 0), tmp_path / "model_state.th"
    for content in (b"", b"no weights", archive.read_bytes()):
        weights.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"The weights file .*model_state.th holds no model weights"):
            load_attention_archive(archive, weights_file=weights)
    torch.save({"epochs_completed": 3}, weights)
    with pytest.raises(ConfigurationError, match="holds no model weights"):
        load_attention_archive(archive, weights_file=weights)
    with pytest.raises(ConfigurationError, match=r"The weights file .*whole is a directory"):
        load_attention_archive(archive, weights_file=tmp_path / "whole")
    torch.save({"other": torch.zeros(1)}, weights)
    with pytest.raises(ConfigurationError, match=r"cannot be built with .*model_state.th and .*Missing key"):
        load_attention_archive(archive, weights_file=weights)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("{", r"^The overrides { are not a JSON or Jsonnet object; write them as .* \(STATIC ERROR.*\)\.$"),
        ("[1]", r"^The overrides \[1\] are not a JSON or Jsonnet object; write them as [^()]*\.$"),
        ('{"model.encoder.hidden_size": 7}', "whole/model.tar.gz cannot be built with its weights and .*size mismatch"),
        ('{"model": {"scorer": "tanh"}}', "cannot be built with its weights and the overrides .*: KeyError: 'type'"),
    ],
)
def test_overrides_that_do_not_fit(tmp_path, overrides, message):
    archive = make_archive(tmp_path / "whole", 0)
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_attention_archive(archive, overrides=overrides)
    assert "\n" not in str(raised.value)


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(ConfigurationError, match="The data file .* is a directory; give one of the files in it"):
        check_is_file(tmp_path, "data file")
    check_is_file("https://example.org/test.jsonl", "data file")
