import json
from pathlib import Path

import _jsonnet
import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.search.configuration import (
    check_epochs,
    check_files,
    evaluate_configuration,
    first_difference,
    validation_metric,
)
from attention_vat.search.space import SearchSpace, as_external_variables

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "training_configs" / "search").glob("*.jsonnet"))
SPACES = [ROOT / "training_configs" / "search_spaces" / "epsilon.json"]
VIRTUAL = ["word_vat", "word_ivat", "attention_vat", "attention_ivat"]
TECHNIQUES = ["vanilla", "word_at", "word_iat", "attention_at", "attention_iat", "attention_rp", *VIRTUAL]


def epsilon_space(**values):
    space = json.loads((ROOT / "training_configs" / "search_spaces" / "epsilon.json").read_text(encoding="utf-8"))
    return {**space, **values}


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / "config.jsonnet"
    path.write_text(
        "{ model: { epsilon: std.parseJson(std.extVar('EPSILON')) },"
        "  trainer: { validation_metric: '+f1', cuda_device: 0 } }"
    )
    return path


def test_values_are_in_the_configuration(config_file):
    config = evaluate_configuration(config_file, {"EPSILON": 0.25}, '{"model.size": 3}', gpus_per_trial=0.5)
    assert config == {"model": {"epsilon": 0.25, "size": 3}, "trainer": {"validation_metric": "+f1", "cuda_device": 0}}


def test_without_a_gpu_a_run_trains_on_the_cpu(config_file):
    assert evaluate_configuration(config_file, {"EPSILON": 1})["trainer"]["cuda_device"] == -1


def test_sees_nothing_but_the_values(config_file, monkeypatch):
    monkeypatch.setenv("EPSILON", "1")
    with pytest.raises(ConfigurationError, match="config.jsonnet reads EPSILON, which the search space does not have"):
        evaluate_configuration(config_file, {})


def test_the_configurations_of_training_take_values_for_their_hidden_fields(monkeypatch):
    monkeypatch.chdir(ROOT)
    space = json.loads((ROOT / "training_configs" / "search_spaces" / "parameters.json").read_text(encoding="utf-8"))
    sample = {**space, "TECHNIQUE": "attention_vat", "EPSILON": 0.25, "WEIGHT": 0.5, "HIDDEN_SIZE": 16}
    for path in ("training_configs/example/vanilla.jsonnet", "package:example/attention_at"):
        config = evaluate_configuration(path, sample)
        assert config["model"]["regularizers"] == [
            {"type": "attention_vat", "epsilon": 0.25, "weight": 0.5, "xi": 0.1, "num_power_iterations": 1}
        ]
        assert config["train_data_path"] == "../../../fixtures/example/train.jsonl"
        assert (config["model"]["encoder"]["hidden_size"], config["pytorch_seed"]) == (16, 13370)


def test_a_name_that_nothing_reads_is_refused(tmp_path):
    path = tmp_path / "config.jsonnet"
    path.write_text("{ size:: 1, model: { size: $.size, epsilon: std.extVar('EPSILON') }, trainer: {} }")
    assert evaluate_configuration(path, {"SIZE": 3, "EPSILON": "2"})["model"] == {"size": 3, "epsilon": "2"}
    with pytest.raises(ConfigurationError, match="has SIZES, which .* neither reads"):
        evaluate_configuration(path, {"SIZES": 3, "EPSILON": "2"})


def test_errors_are_one_sentence(config_file):
    with pytest.raises(ConfigurationError, match="--overrides: ") as error:
        evaluate_configuration(config_file, {"EPSILON": 1}, "{")
    assert "\n" not in str(error.value)
    with pytest.raises(ConfigurationError, match="--overrides must be a JSON object .*, not \\[1\\]"):
        evaluate_configuration(config_file, {"EPSILON": 1}, "[1]")
    config_file.write_text("{ a: ")
    with pytest.raises(ConfigurationError, match="config.jsonnet: ") as error:
        evaluate_configuration(config_file, {})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["nope.x", "model.nope.x", "model.epsilon.x"])
def test_an_override_that_does_not_apply_is_named(config_file, key):
    with pytest.raises(ConfigurationError, match=f"--overrides .*{key}.* does not fit the configuration"):
        evaluate_configuration(config_file, {"EPSILON": 1}, json.dumps({key: 1}))


@pytest.mark.parametrize("text", ["[1]", "{ trainer: 'gradient_descent' }"])
def test_the_configuration_has_a_trainer(config_file, text):
    config_file.write_text(text)
    with pytest.raises(ConfigurationError, match='config.jsonnet and its "trainer" must be objects'):
        evaluate_configuration(config_file, {})


@pytest.mark.parametrize("epochs", [0, -1, "3", 1.5, None])
def test_a_training_has_epochs(epochs):
    check_epochs({"trainer": {"num_epochs": 1}})
    check_epochs({"trainer": {}})
    with pytest.raises(ConfigurationError, match=f"trainer.num_epochs must be .* at least 1, not {epochs!r}; change"):
        check_epochs({"trainer": {"num_epochs": epochs}})


def test_validation_metric():
    assert validation_metric({"trainer": {"validation_metric": "+f1"}}) == ("validation_f1", "max")
    assert validation_metric({"trainer": {"validation_metric": ["-loss", "+f1"]}}) == ("validation_loss", "min")
    assert validation_metric({"trainer": {}}) == ("validation_loss", "min")


def test_files_are_looked_for_before_the_work(tmp_path):
    (tmp_path / "train.jsonl").touch()
    (tmp_path / "run").mkdir()
    check_files({"train_data_path": "../train.jsonl", "model": {"x": "no.txt"}}, tmp_path / "run")
    check_files({"train_data_path": "https://example.org/train.jsonl"}, tmp_path)
    for config in (
        {"train_data_path": "no.txt"},
        {"model": {"embedder": [{"pretrained_file": "no.txt"}]}},
        {"trainer": {"callbacks": ["a", {"unlabeled_data_path": str(tmp_path / "no.txt")}]}},
    ):
        with pytest.raises(ConfigurationError, match="there is no file .*no.txt. A run trains in its own directory"):
            check_files(config, tmp_path)


def test_paths_count_from_a_directory_that_is_not_there_yet(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").touch()
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "deep")
    check_files({"train_data_path": "../../../data/train.jsonl"}, tmp_path / "logs" / "name" / "run_00000")
    # Through a link `..` is the parent of where it leads.
    check_files({"train_data_path": "../../../data/train.jsonl"}, tmp_path / "link" / "run_00000")
    with pytest.raises(ConfigurationError, match="there is no file ../../data/train.jsonl"):
        check_files({"train_data_path": "../../data/train.jsonl"}, tmp_path / "logs" / "name" / "run_00000")


def test_of_a_member_of_an_archive_the_archive_is_looked_for(tmp_path):
    (tmp_path / "v.zip").touch()
    (tmp_path / "a!b").mkdir()
    (tmp_path / "a!b" / "train.jsonl").touch()
    for value in ("v.zip!glove.txt", "(v.zip)#glove.txt", "a!b/train.jsonl", "https://example.org/v.zip!glove.txt"):
        check_files({"pretrained_file": value}, tmp_path)
    for value in ("no.zip!glove.txt", "(no.zip)#glove.txt", "/no!/train.jsonl", "!" * 2000, "a" * 2000):
        with pytest.raises(ConfigurationError, match="pretrained_file: there is no file") as error:
            check_files({"pretrained_file": value}, tmp_path)
        assert len(str(error.value)) < 1000


def test_first_difference():
    assert first_difference({"a": {"b": 1}, "c": 2}, {"c": 2, "a": {"b": 1}}) == ""
    assert first_difference({"a": {"b": 1}}, {"a": {"b": 2}}) == "a.b was 1 and is 2"


@pytest.mark.parametrize("space", SPACES, ids=lambda path: path.stem)
@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configurations_keep_allentunes_contract(config, space, tmp_path, monkeypatch):
    """AllenTune evaluates the text alone, in the run's directory, with the sampled values as strings."""
    text = config.read_text(encoding="utf-8")
    entries = json.loads(space.read_text(encoding="utf-8"))
    strategies = {entry["sampling strategy"] for entry in entries.values() if isinstance(entry, dict)}
    assert strategies <= {"uniform", "loguniform", "integer", "choice"}
    for entry in entries.values():  # AllenTune joins a choice with spaces, so it must be a string
        assert not isinstance(entry, dict) or all(isinstance(choice, str) for choice in entry.get("choices", []))
    directory = ROOT / "logs" / "a name that no search has" / "run_00000"
    for sample in SearchSpace(entries).samples(3, 0):
        monkeypatch.chdir(tmp_path)
        literal = json.loads(_jsonnet.evaluate_snippet("config", text, ext_vars=as_external_variables(sample)))
        monkeypatch.chdir(ROOT)
        assert literal == evaluate_configuration(config, sample)
        on_gpu = evaluate_configuration(config, sample, gpus_per_trial=0.5)
        assert first_difference(literal, on_gpu) == "trainer.cuda_device was -1 and is 0"
        regularizer = literal["model"]["regularizers"][0]
        assert regularizer["epsilon"] == sample["EPSILON"]
        assert regularizer["weight"] == sample["LAMBDA"]
        # The directory of a run is made after this, and `..` through one that is missing leads nowhere.
        assert not directory.exists()
        check_files(literal, directory)


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_the_shipped_configuration_is_that_of_the_example(technique):
    path = ROOT / "training_configs" / "example" / f"{technique}.jsonnet"
    expected = Params.from_file(str(path)).as_dict(quiet=True)
    del expected["model"]["label_names"]  # a search takes any data, whose classes it does not know
    regularizer = (expected["model"]["regularizers"] or [{"epsilon": 5.0, "weight": 1.0}])[0]
    sample = epsilon_space(TECHNIQUE=technique, UNLABELED_SENTENCES="0", DATA_DIR="fixtures/example")
    sample.update(EPSILON=regularizer["epsilon"], LAMBDA=regularizer["weight"])
    assert first_difference(expected, evaluate_configuration(CONFIGS[0], sample)) == ""


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_the_shipped_configuration_is_that_of_a_corpus_of_pairs(technique):
    path = ROOT / "training_configs" / "babi_2" / f"{technique}.jsonnet"
    # What the space does not have.
    overrides = '{"dataset_reader.tokenizer": "words", "data_loader.batch_sampler.batch_size": 32}'
    expected = Params.from_file(str(path), overrides).as_dict(quiet=True)
    regularizer = (expected["model"]["regularizers"] or [{"epsilon": 5.0, "weight": 1.0}])[0]
    sample = epsilon_space(MODEL="pair_sequence", TECHNIQUE=technique, UNLABELED_SENTENCES="0", DATA_DIR="data/babi_2")
    sample.update(EPSILON=regularizer["epsilon"], LAMBDA=regularizer["weight"])
    sample.update(EMBEDDING_DIM=50, HIDDEN_SIZE=32, NUM_EPOCHS=100)
    assert first_difference(expected, evaluate_configuration(CONFIGS[0], sample)) == ""


def test_the_shipped_configuration_knows_its_models():
    with pytest.raises(ConfigurationError, match="classifier.jsonnet: .*lists"):
        evaluate_configuration(CONFIGS[0], epsilon_space(MODEL="lists", TECHNIQUE="vanilla", EPSILON=1, LAMBDA=1))


def test_unlabelled_sentences_are_for_virtual_techniques():
    sample = epsilon_space(EPSILON=5.0, LAMBDA=1.0, UNLABELED_SENTENCES="1000", UNLABELED="pool.jsonl", VECTORS="v.txt")
    for technique in TECHNIQUES:
        config = evaluate_configuration(CONFIGS[0], {**sample, "TECHNIQUE": technique})
        callback = config["trainer"]["callbacks"][0]
        if technique in VIRTUAL:
            assert callback["unlabeled_data_path"] == "pool.jsonl"
            assert callback["unlabeled_dataset_reader"]["max_instances"] == 1000
        else:
            assert callback == {"type": "virtual_adversarial_training"}
        embedder = config["model"]["text_field_embedder"]["token_embedders"]["tokens"]
        assert embedder["pretrained_file"] == "v.txt"
