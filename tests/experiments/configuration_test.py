import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.common import configurations
from attention_vat.common.configurations import package_folder
from attention_vat.experiments import configuration
from attention_vat.experiments.configuration import config_file, evaluate_ahead, paths_in, resolve_config
from tests.experiments.small import ROOT


@pytest.fixture(autouse=True)
def in_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_fields_epsilon_and_overrides(tmp_path):
    config = resolve_config(
        "sst",
        "attention_ivat_semi_supervised",
        {"num_epochs": 3, "unlabeled_ratio": 2},
        {"trainer.patience": 2},
        seed=7,
        epsilon=0.25,
        data_dir=str(tmp_path),
    )
    assert [config[f"{name}_seed"] for name in ("random", "numpy", "pytorch")] == [7, 7, 7]
    assert config["trainer"]["num_epochs"] == 3
    assert config["trainer"]["patience"] == 2
    assert config["trainer"]["callbacks"][0]["unlabeled_ratio"] == 2
    assert [r["epsilon"] for r in config["model"]["regularizers"]] == [0.25]
    # The parameters are hidden fields and stay out of the configuration.
    assert not {"seed", "num_epochs", "regularizers"} & set(config)


def test_many_are_evaluated_at_once(monkeypatch):
    monkeypatch.setattr(configuration, "_evaluated_before", {})
    requests = [
        ("sst", name, {"num_epochs": 1, "batch_size": size}) for name in ("vanilla", "word_at") for size in (3, 4)
    ]
    expected = [resolve_config(*request, {}) for request in requests]
    monkeypatch.setattr(configuration, "_evaluated_before", {})
    config_file("imdb", "vanilla")  # evaluates the names of its techniques, once in a process
    calls = []
    evaluate = configurations.evaluate_snippet
    monkeypatch.setattr(configurations, "evaluate_snippet", lambda *args: calls.append(args) or evaluate(*args))
    evaluate_ahead([*requests, ("imdb", "vanilla", {"num_epochs": 1})])
    assert [resolve_config(*request, {}) for request in requests] == expected
    assert len(calls) == 1
    evaluate_ahead(requests)
    assert len(calls) == 1, "nothing is evaluated again"


def test_one_of_many_is_wrong(monkeypatch):
    monkeypatch.setattr(configuration, "_evaluated_before", {})
    evaluate_ahead(
        [("sst", "vanilla", {}), ("sst", "attention_vat", {"num_epochs": {"not": "a number"}, "vectors": 3})]
    )
    assert resolve_config("sst", "vanilla", {}, {})["random_seed"] == 0
    with pytest.raises(ConfigurationError, match="attention_vat.jsonnet: RUNTIME ERROR"):
        resolve_config("sst", "attention_vat", {"vectors": 3}, {})


def test_data_folder(tmp_path):
    config = resolve_config("sst", "word_vat_semi_supervised", {}, {}, data_dir=str(tmp_path / "corpora"))
    paths = dict(paths_in(config))
    assert paths["train_data_path"] == str(tmp_path / "corpora" / "sst" / "train.jsonl")
    assert paths["unlabeled_data_path"] == str(tmp_path / "corpora" / "sentences" / "unlabeled.jsonl")
    example = resolve_config("example", "vanilla", {}, {}, data_dir=str(tmp_path))
    assert example["train_data_path"] == str(ROOT / "fixtures" / "example" / "train.jsonl")


def test_word_vectors(tmp_path):
    for file, path in (("data/v.txt", tmp_path / "v.txt"), ("https://x.org/v.gz", "https://x.org/v.gz")):
        config = resolve_config("sst", "vanilla", {"vectors": {"file": file, "dim": 4}}, {}, data_dir=str(tmp_path))
        assert dict(paths_in(config))["pretrained_file"] == str(path)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ("sst", "vanila", {}, {}),
            "There is no technique 'vanila' for sst; did you mean 'vanilla'. Choose from attention_at, ",
        ),
        (
            ("sts", "vanilla", {}, {}),
            "there is no corpus 'sts' in training_configs; did you mean 'sst'. Choose from ag_news, ",
        ),
        (("sst", "vanilla", {"num_epoch": 1}, {}), "parameters: num_epoch is not a hidden field of .*vanilla.jsonnet"),
        (("sst", "vanilla", {}, {"trainer.optimiser.lr": 1}), "vanilla.jsonnet: .*optimiser"),
        (("sst", "a" * 2000, {}, {}), "There is no technique 'aaa.*…' for sst; choose from"),
        (("b" * 2000, "vanilla", {}, {}), "there is no corpus 'bbb.*…' in training_configs"),
        (("sst", "vanilla", {"cuda_device": 0}, {}), "parameters has cuda_device, but --num-gpus places the runs"),
        (
            ("sst", "vanilla", {}, {"trainer.cuda_device": 0}),
            "overrides has trainer.cuda_device, but --num-gpus",
        ),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        resolve_config(*arguments)


def test_the_vectors_of_the_vocabulary(tmp_path):
    parameters = {"vectors": {"file": "data/vectors.txt", "dim": 4}, "vocabulary_from_vectors": True}
    config = resolve_config("sst", "vanilla", parameters, {}, data_dir=str(tmp_path))
    assert config["vocabulary"]["pretrained_files"] == {"tokens": str(tmp_path / "vectors.txt")}
    assert dict(paths_in(config))["pretrained_files.tokens"] == str(tmp_path / "vectors.txt")


def test_another_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config_file("sst", "vanilla") == package_folder() / "sst" / "vanilla.jsonnet"
    (tmp_path / "training_configs").mkdir()
    (tmp_path / "training_configs" / "experiment.libsonnet").write_text("{}")
    with pytest.raises(ConfigurationError, match="there is no corpus 'sst' in training_configs"):
        config_file("sst", "vanilla")


def test_what_is_searched_where_there_is_no_epsilon(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = {
        technique: [
            (part.get("epsilon"), part["weight"])
            for part in resolve_config("sst", technique, {}, {}, epsilon=0.25)["model"]["regularizers"]
        ]
        for technique in ("tying", "attention_at", "tying+attention_at")
    }
    assert found == {
        "tying": [(None, 0.25)],
        "attention_at": [(0.25, 1.0)],
        "tying+attention_at": [(None, 0.1), (0.25, 1.0)],
    }
