import json

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.common.configurations import PACKAGE, package_folder
from tests.docs.pages import ROOT

FOLDER = ROOT / "training_configs"


def test_a_configuration_that_is_no_file():
    params = Params.from_file(f"{FOLDER}/sst/attention_ivat.jsonnet", {"trainer.num_epochs": 1})

    assert params["train_data_path"] == "data/sst/train.jsonl"
    assert [regularizer["type"] for regularizer in params["model"]["regularizers"]] == ["attention_ivat"]
    assert params["trainer"]["num_epochs"] == 1
    assert "technique" not in params


def test_a_relative_path(monkeypatch):
    for directory, path in ((ROOT, "training_configs/sst/vanilla.jsonnet"), (FOLDER, "sst/vanilla.jsonnet")):
        monkeypatch.chdir(directory)
        assert Params.from_file(path)["model"]["regularizers"] == []


def test_a_configuration_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    expected = Params.from_file(f"{package_folder()}/snli/word_vat_semi_supervised.jsonnet").as_dict(quiet=True)

    assert Params.from_file(f"{PACKAGE}snli/word_vat_semi_supervised").as_dict(quiet=True) == expected


@pytest.mark.parametrize("corpus", ["example", "example_transformer"])
def test_the_example_outside_a_clone_is_what_make_dataset_writes(corpus, tmp_path, monkeypatch):
    technique = "r_drop" if "transformer" in corpus else "attention_vat"
    monkeypatch.chdir(tmp_path)
    for number, folder in enumerate(["data/example", "fixtures/example"]):
        if number:
            (tmp_path / folder).mkdir(parents=True)
        params = Params.from_file(f"package:{corpus}/{technique}_semi_supervised").as_dict(quiet=True)
        assert params["train_data_path"] == f"{folder}/train.jsonl"
        assert f"'{folder}/unlabeled.jsonl'" in str(params)


@pytest.mark.parametrize("base", [f"{FOLDER}/sst/word_at.jsonnet", f"{PACKAGE}sst/word_at"])
def test_it_is_imported(base, tmp_path):
    file = tmp_path / "mine.jsonnet"
    file.write_text(f"(import '{base}') + {{ epsilon:: 0.5, weight:: 2 }}")

    (regularizer,) = Params.from_file(str(file))["model"]["regularizers"]
    assert regularizer.as_dict() == {"type": "word_at", "epsilon": 0.5, "weight": 2}


def test_a_file_comes_first(tmp_path):
    (tmp_path / "corpora").mkdir()
    (tmp_path / "experiment.libsonnet").write_text("{ technique:: null, name: $.technique }")
    (tmp_path / "corpora" / "mine.libsonnet").write_text("import '../experiment.libsonnet'")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file.jsonnet").write_text("{ name: 'a file' }")

    assert Params.from_file(f"{tmp_path}/mine/file.jsonnet")["name"] == "a file"
    assert Params.from_file(f"{tmp_path}/mine/other.jsonnet")["name"] == "other"


@pytest.mark.parametrize(
    "path, message",
    [
        (
            f"{FOLDER}/stt/vanilla.jsonnet",
            "there is no corpus 'stt' in .*; did you mean 'sst'. Choose from ag_news, babi_1",
        ),
        (
            f"{FOLDER}/sst/attention_vatt.jsonnet",
            'There is no technique "attention_vatt" here; choose from attention_at, ',
        ),
        (f"{FOLDER}/sst/vanilla_semi_supervised.jsonnet", 'There is no technique "vanilla_semi_supervised"'),
        (f"{FOLDER}/babi_1/word_vat_semi_supervised.jsonnet", 'There is no technique "word_vat_semi_supervised"'),
        ("package:sst", 'package:sst: There is no technique ""'),
    ],
)
def test_mistakes_are_named(path, message):
    with pytest.raises(ConfigurationError, match=message):
        Params.from_file(path)


def test_other_files_are_missing_as_before(tmp_path):
    for path in ("none.jsonnet", str(tmp_path / "sst" / "vanilla.jsonnet")):
        with pytest.raises(FileNotFoundError):
            Params.from_file(path)


def test_what_is_archived_is_whole_and_plain(tmp_path):
    Params.from_file(f"{FOLDER}/sst/vanilla.jsonnet").to_file(str(tmp_path / "config.json"))
    config = json.loads((tmp_path / "config.json").read_text())

    assert config["model"]["encoder"]["hidden_size"] == 128
    assert "jsonnet" not in json.dumps(config)
