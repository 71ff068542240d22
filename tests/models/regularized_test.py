"""Regularizers around models of AllenNLP and allennlp-models, over a BERT with random weights."""

import copy
import json
import pickle
import shutil

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params, cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.batch import Batch
from allennlp.models import Model, load_archive
from allennlp.predictors import Predictor
from transformers import BertConfig, BertModel

from attention_vat.models import Regularized
from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny_transformers import TINY_BERT, with_dropout

ASA = {"type": "adversarial_self_attention"}
KINDS = ["basic_classifier", "simple_tagger", "crf_tagger", "transformer_mc", "masked_language_model", "ours"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert") / "bert"
    shutil.copytree(TINY_BERT, folder)
    torch.manual_seed(0)
    BertModel(BertConfig.from_pretrained(str(folder))).save_pretrained(str(folder))
    return str(folder)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")


def parts_of(kind, bert):
    """A reader, the arguments of its instances, and a model."""
    transformer = {"type": "pretrained_transformer", "model_name": bert}
    embedder = {"token_embedders": {"tokens": transformer}}
    texts = [("the film was good", "1"), ("the story is dull", "0"), ("a good film", "1"), ("never", "0")]
    reader = {"type": "text_classification_json", "tokenizer": transformer, "token_indexers": {"tokens": transformer}}
    arguments = [{"text": text, "label": label} for text, label in texts]
    if kind == "basic_classifier":
        pooler = {"type": "bert_pooler", "pretrained_model": bert}
        model = {"type": kind, "text_field_embedder": embedder, "seq2vec_encoder": pooler, "namespace": "tags"}
    elif kind in ("simple_tagger", "crf_tagger"):
        pytest.importorskip("allennlp_models.tagging")
        mismatched = {"type": "pretrained_transformer_mismatched", "model_name": bert}
        reader = {"type": "sequence_tagging", "token_indexers": {"tokens": mismatched}}
        sentences = ["the/D film/N was/V unbelievable/J", "never/A", "a/D story/N"]
        arguments = [tuple(zip(*(word.split("/") for word in sentence.split()))) for sentence in sentences]
        model = {
            "type": kind,
            "text_field_embedder": {"token_embedders": {"tokens": mismatched}},
            "encoder": {"type": "pass_through", "input_dim": 16},
        }
    elif kind == "transformer_mc":
        pytest.importorskip("allennlp_models.mc.models")
        pytest.importorskip("allennlp_models.mc.dataset_readers")
        reader = {"type": "commonsenseqa", "transformer_model_name": bert}
        arguments = [
            {"qid": str(index), "start": text, "alternatives": ["good film", "a dull story"], "label": int(label)}
            for index, (text, label) in enumerate(texts)
        ]
        model = {"type": kind, "transformer_model": bert}
    elif kind == "masked_language_model":
        pytest.importorskip("allennlp_models.lm")
        pytest.importorskip("allennlp_models.lm.dataset_readers.masked_language_model")
        reader = {"type": kind, "tokenizer": transformer, "token_indexers": {"tokens": transformer}}
        reader["type"] = "masked_language_modeling"
        arguments = [
            {"sentence": "the [MASK] was good", "targets": ["film"]},
            {"sentence": "a [MASK] story", "targets": ["dull"]},
        ]
        head = {"type": "linear", "input_dim": 16, "vocab_namespace": "tags"}
        model = {"type": kind, "text_field_embedder": embedder, "language_model_head": head, "target_namespace": "tags"}
    else:
        arguments = [{"text_or_tokens": text, "label": label} for text, label in texts]
        reader = {"type": "single_sequence", "tokenizer": transformer, "token_indexers": {"tokens": transformer}}
        model = {
            "type": "single_sequence_attention",
            "text_field_embedder": embedder,
            "encoder": {"type": "pass_through", "input_dim": 16},
        }
    return json.loads(json.dumps(reader)), arguments, json.loads(json.dumps(model))


def build(kind, bert, regularizers, dropout=0.0, **settings):
    """The model, its batch, and the instances of the batch."""
    reader, arguments, config = parts_of(kind, bert)
    if kind == "masked_language_model":
        settings = {"logits": "_language_model_head", **settings}
    config = {"type": "regularized", "model": config, "regularizers": copy.deepcopy(regularizers), **settings}
    reader = DatasetReader.from_params(Params(reader))
    instances = [
        reader.text_to_instance(*values)
        if kind in ("simple_tagger", "crf_tagger")
        else reader.text_to_instance(**values)
        for values in (
            [([_token(word) for word in words], tags) for words, tags in arguments]
            if kind in ("simple_tagger", "crf_tagger")
            else arguments
        )
    ]
    for instance in instances:
        reader.apply_token_indexers(instance)
    vocab, batch = Vocabulary.from_instances(instances), Batch(instances)
    # The pieces of a transformer are in the vocabulary from here on.
    batch.index_instances(vocab)
    torch.manual_seed(0)
    model = Model.from_params(Params(config), vocab=vocab).double()
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith("adversaries"):
                parameter.normal_(0.0, 0.2)
            elif parameter.dim() > 1:
                parameter.normal_(0.0, 0.4)
    return with_dropout(model, dropout).train(), batch.as_tensor_dict(), instances


def _token(word):
    from allennlp.data.tokenizers import Token

    return Token(word)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_the_model_and_of_the_regularizers(kind, bert):
    model, batch, _ = build(kind, bert, [{**ASA, "weight": 0.5}])
    plain, _, _ = build(kind, bert, [])
    plain.load_state_dict({k: v for k, v in model.state_dict().items() if not k.startswith("adversaries")})
    expected = plain.model(**batch)
    output = model(**batch)
    metrics = model.get_metrics(reset=True)
    assert metrics["supervised_loss"] == pytest.approx(expected["loss"].item())
    inputs = {name: field for name, field in batch.items() if name not in model.labels}
    added = model.regularizers[0](model, [model.clean_pass(inputs)]).item()
    assert output["loss"].item() == pytest.approx(expected["loss"].item() + 0.5 * added)
    assert metrics["divergence"] > 0
    assert 0 < metrics["kept_share"] < 1
    output["loss"].backward()
    for name, parameter in model.named_parameters():
        if name.startswith("adversaries"):
            assert parameter.grad.abs().sum() > 0, name
    # Metrics have counted once.
    plain_metrics = plain.get_metrics(reset=True)
    assert {name: metrics[name] for name in plain_metrics} == plain_metrics


@pytest.mark.parametrize("kind", KINDS)
def test_outside_of_training_it_is_the_model_inside(kind, bert):
    model, batch, instances = build(kind, bert, [ASA], dropout=0.3)
    model.eval()
    inside = model.model
    expected, output = inside(**batch), model(**batch)
    assert output["loss"].item() == expected["loss"].item()
    assert model.get_metrics() == inside.get_metrics()
    ours = model.forward_on_instances(instances)
    assert [sorted(prediction) for prediction in ours] == [
        sorted(prediction) for prediction in inside.forward_on_instances(instances)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_behind_by_a_step(kind, bert):
    """No hook, no metric and no graph: the model can be copied and pickled."""
    model, batch, _ = build(kind, bert, [ASA, {"type": "r_drop"}], dropout=0.1)
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()]
    model(**batch)["loss"].backward()
    assert [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()] == hooks
    copy.deepcopy(model)
    pickle.dumps(model)


def test_predictions_of_tags_are_compared_at_words(bert):
    """More padding, words and pieces, changes nothing: the mean of a text is one over its words."""
    model, batch, instances = build("crf_tagger", bert, [ASA])
    alone = []
    for instance in instances:
        single = Batch([instance])
        single.index_instances(model.vocab)
        inputs = {name: field for name, field in single.as_tensor_dict().items() if name != "tags"}
        alone.append(model.regularizers[0](model, [model.clean_pass(inputs)]).item())
    together = model.regularizers[0](model, [model.clean_pass(model.inputs(batch))]).item()
    assert together == pytest.approx(sum(alone) / len(alone), rel=1e-9)


ATTACKS = [
    {"type": "self_attention_at", "epsilon": 2.0},
    {"type": "self_attention_vat", "epsilon": 2.0},
    {"type": "freelb", "epsilon": 0.5, "step_size": 0.5},
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["type"])
@pytest.mark.parametrize("kind", KINDS)
def test_perturbations_in_any_model(kind, attack, bert):
    """Also of the label, by the loss that the model itself computes, while metrics count once."""
    model, batch, _ = build(kind, bert, [attack, {"type": "r_drop"}], dropout=0.0)
    output = model(**batch)
    metrics = model.get_metrics(reset=True)
    virtual = "vat" in attack["type"]
    attacked = metrics["kl_labeled_0" if virtual else "adversarial_loss_0"]
    assert output["loss"].item() == pytest.approx(metrics["supervised_loss"] + attacked + metrics["divergence_1"])
    assert attacked > (0.0 if virtual else metrics["supervised_loss"])
    plain_metrics = metrics_after_one_batch(model.model, batch)
    assert {name: metrics[name] for name in plain_metrics} == pytest.approx(plain_metrics)
    output["loss"].backward()
    copy.deepcopy(model)
    pickle.dumps(model)


def metrics_after_one_batch(model, batch):
    model(**batch)
    return model.get_metrics(reset=True)


class _OneNumber(Model):
    """A regression."""

    def __init__(self, vocab, text_field_embedder, shape=(-1,)):
        super().__init__(vocab)
        self.embedder, self.shape = text_field_embedder, shape
        self.linear = torch.nn.Linear(16, 1)

    def forward(self, tokens, label=None):
        output = {"logits": self.linear(self.embedder(tokens)[:, 0]).view(*self.shape)}
        if label is not None:
            output["loss"] = (output["logits"].flatten() - label).square().mean()
        return output


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_numbers_are_compared_by_their_squared_difference(bert, shape):
    classifier, batch, _ = build("basic_classifier", bert, [])
    model = Regularized(
        classifier.vocab,
        _OneNumber(classifier.vocab, classifier.model._text_field_embedder, shape).double(),
        [Regularizer.from_params(Params({"type": "random_attention_mask", "share": 0.5}))],
    ).train()
    clean = model.clean_pass({"tokens": batch["tokens"]})
    other = clean.logits + torch.tensor([0.0, 1.0, 2.0, -3.0], dtype=torch.float64).view(*shape)
    divergences = model.divergences(clean, other, None)
    torch.testing.assert_close(divergences, torch.tensor([0.0, 1.0, 4.0, 9.0], dtype=torch.float64))
    assert model(tokens=batch["tokens"], label=batch["label"].double())["loss"].isfinite()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"labels": ["gold"]},
            "forward of BasicClassifier has no optional parameter 'gold'; its parameters are tokens, label",
        ),
        ({"labels": ["tokens"]}, "no optional parameter 'tokens'"),
        ({"labels": []}, "The label fields of BasicClassifier are unknown"),
        (
            {"regularizers": [{"type": "attention_vat"}]},
            "target 'attention' needs the stages of an attention_vat model",
        ),
        ({"regularizers": [{"type": "word_at"}]}, "target 'word'"),
    ],
)
def test_errors(settings, message, bert):
    with pytest.raises(ConfigurationError, match=message):
        build("basic_classifier", bert, **{"regularizers": [], **settings})


def test_a_wrong_name_of_logits(bert):
    model, batch, _ = build("basic_classifier", bert, [ASA], logits="scores")
    with pytest.raises(ConfigurationError, match="BasicClassifier returns no 'scores'.* it returns logits, probs"):
        model(**batch)


def test_training_archive_predictor_and_unlabeled_text(tmp_path, bert):
    reader, arguments, config = parts_of("basic_classifier", bert)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(line) + "\n" for line in arguments * 3))
    cached_transformers._clear_caches()
    model = train_model(
        Params(
            {
                "dataset_reader": reader,
                "train_data_path": str(corpus),
                "validation_data_path": str(corpus),
                "model": {"type": "regularized", "model": config, "regularizers": [ASA, {"type": "r_drop"}]},
                "data_loader": {"batch_size": 4},
                "trainer": {
                    "optimizer": {"type": "huggingface_adamw", "lr": 0.01},
                    "num_epochs": 1,
                    "cuda_device": -1,
                    "callbacks": [
                        {
                            "type": "virtual_adversarial_training",
                            "unlabeled_data_path": str(corpus),
                            "unlabeled_ratio": 0.5,
                        }
                    ],
                },
            }
        ),
        str(tmp_path / "out"),
    )
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert {"training_divergence_0", "training_kept_share_0", "training_divergence_1", "validation_accuracy"} <= set(
        metrics
    )
    archive = load_archive(str(tmp_path / "out" / "model.tar.gz"))
    for name, weights in model.state_dict().items():
        assert torch.equal(archive.model.state_dict()[name], weights)
    predictor = Predictor.from_archive(archive)
    assert type(predictor).__name__ == "TextClassifierPredictor"
    assert predictor._model is archive.model.model
    assert predictor.predict_json({"sentence": "a good film"})["label"] in ("0", "1")
