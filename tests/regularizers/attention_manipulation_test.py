import json
import logging
import math

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

from attention_vat.models import TransformerClassifier
from attention_vat.regularizers import AttentionManipulation
from tests.regularizers.attention_adversary_test import configuration
from tests.tiny import clean_pass, tiny_inputs, tiny_labels, tiny_model, tiny_pair_model, tiny_vocabulary
from tests.tiny_transformers import TINY_BERT

# In order: two of four words, none, all, no words at all, one of two.
TEXTS = [["w1", "w2", "w3", "w1"], ["w2", "w4"], ["w1", "w1"], [], ["w5", "w3"]]
WORDS = ["w1", "w5", "unheard-of"]


def batch(model, texts=TEXTS):
    tokens = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for row, text in enumerate(texts):
        for place, word in enumerate(text):
            tokens[row, place] = model.vocab.get_token_index(word)
    return {"tokens": {"tokens": {"tokens": tokens}}, "label": tiny_labels(len(texts))}


def manipulated(**options):
    own = {name: options.pop(name) for name in ("words", "words_file", "weight") if name in options}
    regularizer = {"type": "attention_manipulation", **(own if "words_file" in own else {"words": WORDS, **own})}
    return tiny_model([regularizer], **options).train()


def test_numbers_by_hand():
    model = manipulated(weight=2.0)
    inputs = batch(model)
    attention = model(**inputs)["attention"]
    mass = [attention[0, 0] + attention[0, 3], 0, 1, 0, attention[4, 0]]
    # Of a text with no other words nothing can be asked.
    losses = [-math.log(1 - mass[0]), 0, 0, 0, -math.log(1 - mass[4])]
    supervised = model.get_metrics(reset=True)["supervised_loss"]
    assert model(**inputs)["loss"].item() == pytest.approx(supervised + 2 * sum(losses) / 5)
    means = model.get_metrics()
    assert means["manipulated_mass"] == pytest.approx(float(mass[0] + 1 + mass[4]) / 3)
    # Not of texts without such words.
    model.get_metrics(reset=True)
    model(**batch(model, [["w2", "w4"], []]))
    assert "manipulated_mass" not in model.get_metrics()


def test_gradients():
    model = manipulated()
    inputs = batch(model)
    clean = model.clean_pass({"tokens": inputs["tokens"]}, inputs["label"])
    (regularizer,) = model.regularizers
    given = clean.encoded.scores.detach().requires_grad_()

    def loss(scores):
        return regularizer(model, [clean._replace(encoded=clean.encoded._replace(scores=scores))])

    assert torch.autograd.gradcheck(loss, given)
    (gradient,) = torch.autograd.grad(loss(given), given)
    # Less attention to these words, more to the others.
    assert (gradient[0][[0, 3]] > 0).all() and (gradient[0][[1, 2]] < 0).all()
    assert gradient[1:4].abs().sum() == 0


@pytest.mark.parametrize("normalizer", ["softmax", "sparsemax"])
def test_all_attention_on_these_words(normalizer):
    model = manipulated(dtype=torch.float32, normalizer=normalizer)
    inputs = batch(model)
    clean = model.clean_pass({"tokens": inputs["tokens"]})
    far = torch.zeros_like(clean.encoded.scores)
    far[:, 0] = 1e4
    scores = far.requires_grad_()
    loss = model.regularizers[0](model, [clean._replace(encoded=clean.encoded._replace(scores=scores))])
    loss.backward()
    assert loss.isfinite() and loss > 10
    assert scores.grad.isfinite().all()


def test_of_a_pair_the_first_counts():
    model = tiny_pair_model(regularizers=[{"type": "attention_manipulation", "words": ["w3"]}])
    inputs = tiny_inputs(model, [4, 3])
    row = model.vocab.get_token_index("w3")
    inputs["premise"]["tokens"]["tokens"][0, 1] = row
    inputs["hypothesis"]["tokens"]["tokens"][1, 0] = row
    clean = model.clean_pass(inputs)
    attention = model.attend(clean.encoded, clean.encoded.scores)
    here = inputs["premise"]["tokens"]["tokens"] == row
    expected = -torch.log(1 - (attention * here).sum(1)).mean()
    assert model.regularizers[0](model, [clean]).item() == pytest.approx(expected.item())
    assert expected > 0


def test_marks_of_start_and_end_are_no_such_words():
    model = manipulated(boundary_tokens=1)
    model(**batch(model, [["w1", "w2", "w3", "w1"]]))
    assert "manipulated_mass" not in model.get_metrics()


def test_unlabelled_text():
    model = manipulated()
    inputs = batch(model)
    clean = model.clean_pass({"tokens": inputs["tokens"]})
    (regularizer,) = model.regularizers
    assert regularizer.uses_unlabeled
    few = clean_pass(model, [4], labeled=False)
    parts = [regularizer(model, [one]).item() for one in (clean, few)]
    assert regularizer(model, [clean, few]).item() == pytest.approx((5 * parts[0] + parts[1]) / 6)


def test_words_of_a_file(tmp_path, caplog):
    path = tmp_path / "words.txt"
    path.write_text("w1\n\n  w5\nunheard-of\n", encoding="utf-8")
    model, expected = manipulated(words_file=str(path)), manipulated()
    inputs = batch(model)
    model.eval()(**inputs)
    assert "manipulated_mass" not in model.get_metrics(), "an archive does without the file"
    with caplog.at_level(logging.WARNING):
        loss = model.train()(**inputs)["loss"]
    assert "the vocabulary does not contain ['unheard-of']" in caplog.text
    assert loss.item() == expected(**inputs)["loss"].item()
    model.eval()(**inputs)
    assert model.get_metrics()["manipulated_mass"] > 0
    path.write_bytes(b"w1\n\xff\n")
    with pytest.raises(ConfigurationError, match=r"words.txt:2: is not UTF-8 text"):
        manipulated(words_file=str(path))(**inputs)
    with pytest.raises(ConfigurationError, match="the words_file .* does not exist"):
        manipulated(words_file=str(tmp_path / "none"))(**inputs)


def test_what_does_not_fit():
    for options in ({}, {"words": ["a"], "words_file": "b"}):
        with pytest.raises(ConfigurationError, match="either words or words_file"):
            AttentionManipulation(**options)
    for words in ([], ["W1", "he"]):
        with pytest.raises(ConfigurationError, match="has none of the words of attention_manipulation"):
            manipulated(words=words)
    two = {"tokens": {"type": "embedding", "embedding_dim": 3}, "more": {"type": "embedding", "embedding_dim": 3}}
    with pytest.raises(ConfigurationError, match="words from an embedding matrix, which this SingleSequenceAttention"):
        manipulated(text_field_embedder={"token_embedders": two})
    with pytest.raises(ConfigurationError, match="which this TransformerClassifier"):
        regularizers = [AttentionManipulation(["w1"])]
        TransformerClassifier(tiny_vocabulary(), str(TINY_BERT), load_weights=False, regularizers=regularizers)


def test_training_hides_words_and_still_uses_them(tmp_path):
    regularizer = {"type": "attention_manipulation", "words": ["good", "dull"], "weight": 1.0}
    config = configuration(tmp_path, 12, [regularizer])
    config["trainer"]["validation_metric"] = "-manipulated_mass"
    train_model(Params(json.loads(json.dumps(config))), str(tmp_path / "out"))
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["best_validation_accuracy"] == 1
    assert metrics["best_validation_manipulated_mass"] < 0.05
    assert metrics["training_manipulated_mass"] < 0.2
    model = load_archive(tmp_path / "out" / "model.tar.gz").model.eval()
    words = ["the", "film", "was", "good"]
    tokens = torch.tensor([[model.vocab.get_token_index(word) for word in words]])
    output = model(tokens={"tokens": {"tokens": tokens}}, label=torch.tensor([model.labels.index("1")]))
    assert output["attention"][0, 3] < 0.05
    assert model.get_metrics()["manipulated_mass"] == pytest.approx(output["attention"][0, 3].item())
