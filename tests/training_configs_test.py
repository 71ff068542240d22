"""Every shipped configuration is evaluated, instantiated and trained a few steps, on the example's data."""

import json
import re
from pathlib import Path

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.params import with_overrides
from allennlp.models import load_archive

from attention_vat.common.configurations import evaluate_with_fields, names_of_corpora, techniques_of
from tests.docs.clone import make_small_encoder

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "fixtures" / "example"
FOLDER = ROOT / "training_configs"
PAIRS = ROOT / "fixtures" / "pairs.jsonl"
VIRTUAL = ["word_vat", "word_ivat", "attention_vat", "attention_ivat"]
TECHNIQUES = ["vanilla", "word_at", "word_iat", "attention_at", "attention_iat", "attention_rp", *VIRTUAL]
WORD_LEVEL = ["tying", "masked_language_model", "conicity", "readable"]
TECHNIQUES += WORD_LEVEL + [f"{name}_semi_supervised" for name in [*VIRTUAL, *WORD_LEVEL]]
RECURRENT = ["example", "sst", "imdb", "ag_news", "newsgroups", "snli", "multinli", "cnn", "babi_1", "babi_2", "babi_3"]
# Without unlabelled text beside the other there are fewer techniques.
LABELLED = ["stsb_transformer", "wnut17_transformer", "dream_transformer", "sentences_transformer"]
TRANSFORMERS = ["example_transformer", "sst_transformer", "snli_transformer", *LABELLED]
TINY_BERT = str(ROOT / "fixtures" / "tiny_bert")
COMPARING = [
    *("r_drop", "random_attention_mask", "adversarial_self_attention", "adversarial_self_attention_cell"),
    *("self_attention_vat", "self_attention_ivat", "word_vat", "smart"),
]
INSIDE = ["vanilla", "self_attention_at", "self_attention_iat", "self_attention_rp", "word_at", "freelb", *COMPARING]
INSIDE += [f"{name}_semi_supervised" for name in COMPARING]
# None of them is a file.
CONFIGS = [
    FOLDER / corpus / f"{name}.jsonnet"
    for corpus in RECURRENT
    for name in techniques_of(FOLDER, corpus)
    if not name.startswith(tuple(WORD_LEVEL))
]


def small(path, **overrides):
    """The configuration with data that is at hand and one short epoch."""
    params = Params.from_file(str(path))
    is_pair = params["dataset_reader"]["type"] == "pair_sequence" or "snli" in str(path)
    if params["model"]["type"] == "regularized":
        embedder = "model.model.text_field_embedder.token_embedders.tokens"
        overrides = {
            "dataset_reader.token_indexers.tokens.model_name": TINY_BERT,
            f"{embedder}.model_name": TINY_BERT,
            f"{embedder}.load_weights": False,
            "trainer.learning_rate_scheduler.warmup_steps": 1,
            **overrides,
        }
    if params["model"]["type"] == "transformer_classifier":
        overrides = {
            "dataset_reader.token_indexers.tokens.model_name": TINY_BERT,
            "model.model_name": TINY_BERT,
            "model.load_weights": False,
            "trainer.learning_rate_scheduler.warmup_steps": 1,
            **overrides,
        }
    train, validation = (PAIRS, PAIRS) if is_pair else (EXAMPLE / "train.jsonl", EXAMPLE / "validation.jsonl")
    overrides = {
        "train_data_path": str(train),
        "validation_data_path": str(validation),
        "dataset_reader.max_instances": 18,
        "data_loader.batch_sampler.batch_size": 6,
        "vocabulary": {},
        "trainer.num_epochs": 1,
        **overrides,
    }
    # To read the file again would take as long as the training.
    params = Params(with_overrides(params.as_dict(quiet=True), overrides))
    for callback in params["trainer"]["callbacks"]:
        if "unlabeled_data_path" in callback:
            callback["unlabeled_data_path"] = str(PAIRS if is_pair else EXAMPLE / "unlabeled.jsonl")
    return params


def test_each_corpus_has_each_technique():
    assert names_of_corpora(FOLDER) == sorted(RECURRENT + TRANSFORMERS)
    for corpus in TRANSFORMERS:
        expected = [name for name in INSIDE if not (corpus in LABELLED and name.endswith("_semi_supervised"))]
        assert techniques_of(FOLDER, corpus) == sorted(expected)
    for corpus in RECURRENT:
        # bAbI keeps all of its labels.
        expected = [
            name for name in TECHNIQUES if not (corpus.startswith("babi") and name.endswith("_semi_supervised"))
        ]
        assert techniques_of(FOLDER, corpus) == sorted(expected)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_trains(path, tmp_path):
    technique = path.stem.replace("_semi_supervised", "")
    params = small(path)
    types = [regularizer["type"] for regularizer in params["model"]["regularizers"]]
    assert types == ([] if technique == "vanilla" else [technique])
    train_model(params, str(tmp_path))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert ("training_perturbation_norm" in metrics) == (technique != "vanilla")
    assert ("training_kl_labeled" in metrics) == (technique in VIRTUAL)
    assert ("training_kl_unlabeled" in metrics) == path.stem.endswith("_semi_supervised")
    assert 0 <= metrics["validation_f1"] <= 1
    archived = load_archive(tmp_path / "model.tar.gz").model
    assert len(archived.regularizers) == (technique != "vanilla")


@pytest.mark.parametrize("corpus", ["sst", "snli"])
@pytest.mark.parametrize("suffix", ["", "_semi_supervised"])
@pytest.mark.parametrize("technique", [*WORD_LEVEL[:3], "tying+attention_vat", "word_at+tying"])
def test_word_level_objectives(technique, suffix, corpus, tmp_path):
    params = small(FOLDER / corpus / f"{technique}{suffix}.jsonnet", **{"vocabulary": {}})
    types = [regularizer["type"] for regularizer in params["model"]["regularizers"]]
    assert types == technique.split("+")
    assert params["model"]["encoder"]["hidden_size"] == (150 if "tying" in technique else 128)
    train_model(params, str(tmp_path))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    watched = {"tying": "tying_distance", "masked_language_model": "mlm_loss", "conicity": "conicity"}
    for number, name in enumerate(technique.split("+")):
        if name in watched:
            assert metrics[f"training_{watched[name]}" + (f"_{number}" if "+" in technique else "")] > 0
    archived = load_archive(tmp_path / "model.tar.gz").model
    assert len(archived.adversaries) == (technique == "masked_language_model")


@pytest.mark.parametrize("corpus", RECURRENT)
def test_states_are_as_large_as_embeddings_where_they_are_tied(corpus):
    for technique in ("tying", "readable", "conicity"):
        model = Params.from_file(str(FOLDER / corpus / f"{technique}.jsonnet"))["model"]
        size = model["text_field_embedder"]["token_embedders"]["tokens"]["embedding_dim"]
        assert (2 * model["encoder"]["hidden_size"] == size) is (technique != "conicity")


def test_the_recipe_is_tying_with_word_at(tmp_path):
    train_model(small(FOLDER / "sst" / "readable.jsonnet"), str(tmp_path))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["training_tying_distance_0"] > 0
    assert metrics["training_perturbation_norm_1"] == pytest.approx(0.33, abs=1e-3)


def test_what_is_not_there_is_named():
    for name in ("tying+nothing", "attention_at_semi_supervised", "attention_at+word_at_semi_supervised"):
        with pytest.raises(ConfigurationError, match=f'There is no technique "{re.escape(name)}"'):
            Params.from_file(str(FOLDER / "sst" / f"{name}.jsonnet"))
    with pytest.raises(RuntimeError, match="epsilon: tying has none"):
        evaluate_with_fields(FOLDER / "sst" / "tying.jsonnet", {"epsilon": 1.0})
    config, _ = evaluate_with_fields(FOLDER / "sst" / "tying+word_at.jsonnet", {"epsilon": 0.3})
    assert [part.get("epsilon") for part in config["model"]["regularizers"]] == [None, 0.3]


@pytest.mark.parametrize("technique", INSIDE)
def test_fine_tunes(technique, tmp_path):
    corpus = "snli_transformer" if technique == "word_at" else "sst_transformer"
    params = small(FOLDER / corpus / f"{technique}.jsonnet")
    (callback,) = params["trainer"]["callbacks"]
    assert ("unlabeled_data_path" in callback) == technique.endswith("_semi_supervised")
    train_model(params, str(tmp_path))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert ("training_supervised_loss" in metrics) == (technique != "vanilla")
    assert 0 <= metrics["validation_accuracy"] <= 1
    archived = load_archive(tmp_path / "model.tar.gz").model
    assert len(archived.regularizers) == (technique != "vanilla")


@pytest.mark.parametrize(
    ("corpus", "metric", "line"),
    [
        ("stsb", "pearson", {"premise": ["a", "b"], "hypothesis": ["c"]}),
        ("wnut17", "entity_f1", {"tokens": ["New", "York", "here"], "tags": ["B-place", "I-place", "O"]}),
    ],
)
def test_fine_tunes_other_models(corpus, metric, line, tmp_path):
    data = tmp_path / "data.jsonl"
    lines = [{**line, "score": float(number)} if corpus == "stsb" else line for number in range(6)]
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    config = tmp_path / "config.jsonnet"
    base = FOLDER / f"{corpus}_transformer" / "self_attention_vat.jsonnet"
    config.write_text(f"(import '{base}') + {{ embedding_dim:: 16 }}")
    paths = {"train_data_path": str(data), "validation_data_path": str(data)}
    train_model(small(config, **paths), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert f"best_validation_{metric}" in metrics
    assert metrics["training_perturbation_norm"] > 0


def test_chooses_an_answer(tmp_path):
    pytest.importorskip("allennlp_models.mc.models")
    encoder = tmp_path / "encoder"
    make_small_encoder(encoder)
    data = tmp_path / "data.jsonl"
    line = {"premise": "the film", "question": "good", "choices": ["a story", "dull"]}
    data.write_text("".join(json.dumps({**line, "label": str(number % 2)}) + "\n" for number in range(6)))
    config = tmp_path / "config.jsonnet"
    base = FOLDER / "dream_transformer" / "adversarial_self_attention.jsonnet"
    config.write_text(f"(import '{base}') + {{ encoder_name:: '{encoder}', batch_size:: 3, warmup_steps:: 1 }}")
    overrides = {"train_data_path": str(data), "validation_data_path": str(data), "trainer.num_epochs": 1}
    train_model(Params.from_file(str(config), overrides), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert 0 <= metrics["best_validation_acc"] <= 1
    assert 0 < metrics["training_kept_share"] <= 1


@pytest.mark.parametrize("corpus", ["sst", "snli"])
@pytest.mark.parametrize("encoder", ["gru", "cnn", "average", "concatenation", "residual", "orthogonal_lstm"])
def test_other_encoders(encoder, corpus, tmp_path):
    configs = ROOT / "training_configs"
    config = tmp_path / "config.jsonnet"
    parts = [configs / corpus / "attention_ivat.jsonnet", configs / "encoders" / f"{encoder}.libsonnet"]
    config.write_text(" + ".join(f"(import '{part}')" for part in parts))
    train_model(small(config), str(tmp_path / "model"))
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert metrics["training_perturbation_norm"] == pytest.approx(5.0, abs=1e-3)


def test_pretrained_vectors_are_one_parameter(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("the 1 2 3 4\nfilm 5 6 7 8\n")
    config = tmp_path / "config.jsonnet"
    base = ROOT / "training_configs" / "sst" / "attention_ivat.jsonnet"
    config.write_text(f"(import '{base}') + {{ vectors:: {{ file: '{vectors}', dim: 4 }} }}")
    model = train_model(small(config, **{"trainer.optimizer.lr": 0.0}), str(tmp_path / "model"))
    embedding = model.text_field_embedder.token_embedder_tokens.weight
    index = model.vocab.get_token_index("film")
    assert embedding[index].tolist() == [5.0, 6.0, 7.0, 8.0]


def test_the_words_of_vectors_may_be_in_the_vocabulary(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("film 5 6 7 8\nnobody-writes-this 1 2 3 4\n")
    base = ROOT / "training_configs" / "sst" / "vanilla.jsonnet"
    vocabularies = []
    for wanted in ("false", "true"):
        config = tmp_path / f"{wanted}.jsonnet"
        fields = f"vectors:: {{ file: '{vectors}', dim: 4 }}, vocabulary_from_vectors:: {wanted}"
        config.write_text(f"(import '{base}') + {{ {fields} }}")
        own = {"vocabulary": Params.from_file(str(config))["vocabulary"].as_dict(), "trainer.optimizer.lr": 0.0}
        model = train_model(small(config, **own), str(tmp_path / wanted))
        vocabularies.append(set(model.vocab.get_token_to_index_vocabulary()))
    assert vocabularies[1] - vocabularies[0] == {"nobody-writes-this"} and vocabularies[0] <= vocabularies[1]
    index = model.vocab.get_token_index("nobody-writes-this")
    assert model.text_field_embedder.token_embedder_tokens.weight[index].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_data_and_seed_are_parameters_of_a_file(tmp_path):
    config = tmp_path / "config.jsonnet"
    base = ROOT / "training_configs" / "sst" / "attention_ivat_semi_supervised.jsonnet"
    config.write_text(
        f"(import '{base}')"
        "+ { data_dir:: '/data/mine', unlabeled_pool:: '/data/pool.jsonl', seed:: 7, num_epochs:: 2 }"
    )
    params = Params.from_file(str(config))
    assert params["train_data_path"] == "/data/mine/train.jsonl"
    assert params["trainer"]["callbacks"][0]["unlabeled_data_path"] == "/data/pool.jsonl"
    assert params["pytorch_seed"] == 7
    assert params["trainer"]["num_epochs"] == 2


def test_names_of_labels_are_those_of_the_corpus(tmp_path):
    names = {
        "negative positive": ["sst", "imdb", "example", "sst_transformer", "example_transformer"],
        "world business": ["ag_news"],
        "baseball hockey": ["newsgroups"],
    }
    expected = {corpus: dict(zip("01", pair.split())) for pair, corpora in names.items() for corpus in corpora}
    for corpus in names_of_corpora(FOLDER):
        model = Params.from_file(str(FOLDER / corpus / "vanilla.jsonnet"))["model"].as_dict()
        assert model.get("label_names") == expected.get(corpus)
    config = tmp_path / "config.jsonnet"
    config.write_text(f"(import '{FOLDER / 'snli' / 'vanilla.jsonnet'}') + {{ label_names:: {{ a: 'b' }} }}")
    assert Params.from_file(str(config))["model"]["label_names"].as_dict() == {"a": "b"}
