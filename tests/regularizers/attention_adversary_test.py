import json
import shutil

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive
from allennlp.predictors import Predictor

from attention_vat.common.random_state import get_random_state
from attention_vat.models import TransformerClassifier
from attention_vat.regularizers import AttentionAdversary
from tests.commands.evaluate_attention_test import make_archive
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_pair_model, tiny_tokens, tiny_vocabulary
from tests.tiny_transformers import TINY_BERT

LENGTHS = [5, 3, 1, 0]


@pytest.fixture(scope="module")
def base_file(tmp_path_factory):
    return make_archive(tmp_path_factory.mktemp("base") / "vanilla", seed=1)


def adversary(base_file, **options):
    own = {name: options.pop(name) for name in ("archive", "divergence_weight", "weight") if name in options}
    regularizer = {"type": "attention_adversary", "archive": str(base_file), **own}
    return tiny_model(**{"regularizers": [regularizer], "supervised_weight": 0, **options}).train()


def test_equals_a_literal_version(base_file):
    model = adversary(base_file, divergence_weight=0.3)
    base = load_archive(base_file).model.eval()
    tokens = tiny_tokens(LENGTHS)
    clean = clean_pass(model, LENGTHS)
    theirs = base(tokens=tokens)
    losses, distances, divergences = [], [], []
    for row, length in enumerate(LENGTHS):
        p, p_base = torch.sigmoid(clean.logits[row, 0]), torch.sigmoid(theirs["logits"][row, 0].double())
        attention = torch.softmax(clean.encoded.scores[row, :length], 0)
        their_attention = theirs["attention"][row, :length].double()
        kl = sum(a * torch.log(a / b) for a, b in zip(attention, their_attention))
        distances.append(abs(p - p_base).item())
        losses.append(distances[-1] - 0.3 * float(kl))
        if length:
            middle = (attention + their_attention) / 2
            parts = [sum(a * torch.log(a / m) for a, m in zip(q, middle)) for q in (attention, their_attention)]
            divergences.append(float(sum(parts)) / 2)
    loss = model(tokens=tokens, label=tiny_labels(4))["loss"]
    assert loss.item() == pytest.approx(sum(losses) / 4, abs=1e-6)
    metrics = model.get_metrics()
    assert metrics["adversary_loss"] == pytest.approx(sum(losses) / 4, abs=1e-6)
    assert metrics["adversary_tvd"] == pytest.approx(sum(distances) / 4, abs=1e-6)
    assert metrics["adversary_jsd"] == pytest.approx(sum(divergences) / 3, abs=1e-6), "a text without words has none"
    assert min(distances) > 0.01 and min(divergences[:2]) > 0.001


def test_gradients(base_file):
    model = adversary(base_file, divergence_weight=0.3)
    clean = clean_pass(model, LENGTHS)
    (regularizer,) = model.regularizers

    def loss(scores):
        encoded = clean.encoded._replace(scores=scores)
        return regularizer(model, [clean._replace(encoded=encoded, logits=model.decode(encoded, scores))])

    given = clean.encoded.scores.detach().requires_grad_()
    clean = clean._replace(encoded=clean.encoded._replace(values=clean.encoded.values.detach()))
    assert torch.autograd.gradcheck(loss, given)
    (gradient,) = torch.autograd.grad(loss(given), given)
    assert gradient[0].abs().min() > 0
    assert gradient[~clean.encoded.mask].abs().sum() == 0


def test_the_base_is_frozen_and_no_part_of_the_model(base_file):
    model = adversary(base_file, dropout=0.5)
    names = set(model.state_dict())
    for _ in range(2):
        model(tokens=tiny_tokens(LENGTHS), label=tiny_labels(4))["loss"].backward()
    base = model.regularizers[0]._base
    assert not base.training
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in base.parameters())
    assert set(model.state_dict()) == names == set(tiny_model().state_dict())
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_reading_the_base_draws_no_random_numbers(base_file):
    model = adversary(base_file)
    before = get_random_state()
    model(tokens=tiny_tokens(LENGTHS), label=tiny_labels(4))
    assert str(get_random_state()) == str(before)
    assert torch.equal(get_random_state()["torch"], before["torch"])


def test_unlabelled_text(base_file):
    model = adversary(base_file)
    passes = [clean_pass(model, [5, 3]), clean_pass(model, [4], labeled=False)]
    (regularizer,) = model.regularizers
    assert regularizer.uses_unlabeled
    parts = [regularizer(model, [clean]).item() for clean in passes]
    assert regularizer(model, passes).item() == pytest.approx((2 * parts[0] + parts[1]) / 3)


def test_sparse_attention_on_both_sides(base_file):
    """Weights of 0, also where the other has some, give numbers."""
    model = adversary(base_file, normalizer="sparsemax")
    with torch.no_grad():
        model.scorer.context.weight.mul_(10)
    model(tokens=tiny_tokens([8, 6]), label=tiny_labels(2))
    model.regularizers[0]._base.normalizer = tiny_model(normalizer="sparsemax").normalizer
    with torch.no_grad():
        model.regularizers[0]._base.scorer.context.weight.mul_(-10)
    output = model(tokens=tiny_tokens([8, 6]), label=tiny_labels(2))
    assert (output["attention"] == 0).any()
    output["loss"].backward()
    assert output["loss"].isfinite()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_models_that_do_not_fit(base_file, tmp_path):
    with pytest.raises(
        ConfigurationError, match="predictions that depend on attention, which TransformerClassifier does"
    ):
        TransformerClassifier(
            tiny_vocabulary(), str(TINY_BERT), load_weights=False, regularizers=[AttentionAdversary("x")]
        )
    with pytest.raises(ConfigurationError, match="divergence_weight is -1, but must be at least 0"):
        AttentionAdversary("somewhere", divergence_weight=-1)

    batch = {"tokens": tiny_tokens([3]), "label": tiny_labels(1)}
    with pytest.raises(ConfigurationError, match="There is no archive .*none.tar.gz"):
        adversary(base_file, archive=str(tmp_path / "none.tar.gz"))(**batch)
    with pytest.raises(ConfigurationError, match="0 boundary_tokens, but the adversary has .* 1"):
        adversary(base_file, boundary_tokens=1)(**batch)
    model = adversary(base_file)
    model.vocab.add_token_to_namespace("one more")
    with pytest.raises(
        ConfigurationError, match=r"vanilla/model.tar.gz, and the adversary differ in the vocabulary 'tokens'"
    ):
        model(**batch)
    with pytest.raises(ConfigurationError, match="differ in the vocabulary 'labels'"):
        adversary(base_file, num_labels=3)(**batch)
    pair = tiny_pair_model(regularizers=[{"type": "attention_adversary", "archive": str(base_file)}])
    with pytest.raises(ConfigurationError, match="reads the fields tokens, but the adversary reads premise"):
        pair.regularizers[0](pair, [clean_pass(pair, [3])])


def configuration(directory, num_epochs, regularizers=(), **model):
    corpus = directory / "corpus.jsonl"
    texts = {
        "the film was good": "1",
        "a dull story , never good": "0",
        "good , not dull": "1",
        "the story was dull": "0",
    }
    lines = [{"tokens": text.split(), "label": label} for text, label in texts.items()]
    corpus.write_text("".join(json.dumps(line) + "\n" for line in lines * 4))
    return {
        "dataset_reader": {"type": "single_sequence"},
        "train_data_path": str(corpus),
        "validation_data_path": str(corpus),
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 8}}},
            "encoder": {"type": "lstm", "input_size": 8, "hidden_size": 8, "bidirectional": True},
            "dropout": 0.1,
            "regularizers": list(regularizers),
            **model,
        },
        "data_loader": {"batch_size": 4, "shuffle": True},
        "trainer": {
            "optimizer": {"type": "adam", "lr": 0.02},
            "num_epochs": num_epochs,
            "cuda_device": -1,
            "callbacks": ["virtual_adversarial_training"],
            **({"validation_metric": "-adversary_loss"} if regularizers else {}),
        },
    }


def train(directory, config, **kwargs):
    # Reading a configuration takes it apart.
    model = train_model(Params(json.loads(json.dumps(config))), str(directory), **kwargs)
    return model, json.loads((directory / "metrics.json").read_text())


def test_training_moves_attention_and_keeps_predictions(tmp_path):
    base, base_metrics = train(tmp_path / "base", configuration(tmp_path, 10))
    assert base_metrics["validation_accuracy"] == 1
    archive = tmp_path / "base" / "model.tar.gz"
    regularizer = {"type": "attention_adversary", "archive": str(archive), "divergence_weight": 0.05}
    config = configuration(tmp_path, 25, [regularizer], supervised_weight=0)
    model, metrics = train(tmp_path / "adversary", config)
    assert metrics["best_validation_adversary_tvd"] < 0.2
    assert metrics["best_validation_adversary_jsd"] > 0.2
    expected = metrics["best_validation_adversary_tvd"] - metrics["best_validation_adversary_loss"]
    assert expected > 0
    assert metrics["training_supervised_loss"] > 0

    # Going on in the middle is the same, and begins with the base again.
    shorter = json.loads(json.dumps(config))
    shorter["trainer"]["num_epochs"] = 12
    train(tmp_path / "recovered", shorter)
    (tmp_path / "recovered" / "config.json").write_text(json.dumps(config))
    recovered, _ = train(tmp_path / "recovered", config, recover=True)
    for name, weights in model.state_dict().items():
        assert torch.equal(recovered.state_dict()[name], weights), name

    # The archive does without the base.
    shutil.rmtree(tmp_path / "base")
    loaded = load_archive(tmp_path / "adversary" / "model.tar.gz")
    assert set(loaded.model.state_dict()) == set(base.state_dict())
    prediction = Predictor.from_archive(loaded).predict_json({"sentence": "the film was good"})
    assert prediction["label"] == "1"
    tokens = {"tokens": {"tokens": torch.tensor([[2, 3, 4]])}}
    assert loaded.model.eval()(tokens=tokens, label=tiny_labels(1))["loss"] > 0
    assert "adversary_tvd" not in loaded.model.get_metrics()


def test_a_training_that_is_continued_may_begin_with_a_validation(base_file):
    model = adversary(base_file)
    (regularizer,) = model.regularizers
    assert regularizer.state_dict() == {"is_training": False}
    model.eval()(tokens=tiny_tokens([3]), label=tiny_labels(1))
    assert "adversary_tvd" not in model.get_metrics()
    model.train()(tokens=tiny_tokens([3]), label=tiny_labels(1))
    state = regularizer.state_dict()

    other = adversary(base_file)
    other.regularizers[0].load_state_dict(state)
    other.eval()(tokens=tiny_tokens([3]), label=tiny_labels(1))
    model.get_metrics(reset=True)
    model.eval()(tokens=tiny_tokens([3]), label=tiny_labels(1))
    assert other.get_metrics()["adversary_tvd"] == model.get_metrics()["adversary_tvd"] > 0
