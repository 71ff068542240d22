import shutil
from pathlib import Path
from unittest import mock

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Token, TokenIndexer
from allennlp.data.fields import LabelField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer
from allennlp.interpret.attackers import Hotflip, InputReduction
from transformers import BertConfig, BertModel

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import applicable_measures, choose_measures
from attention_vat.interpret.measures.attacks import HotflipAttack, _Predictor
from attention_vat.interpret.texts import texts_of
from attention_vat.predictors import SingleSequencePredictor
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model

ROOT = Path(__file__).parents[3]


class WordsReader(DatasetReader):
    def text_to_instance(self, sentence):
        made = instance(sentence)
        made.fields.pop("metadata")
        return made


def test_hotflip_equals_allennlps_own():
    model, data = tiny_model().eval(), instances(5)
    attacker = Hotflip(SingleSequencePredictor(model, WordsReader()))
    result = evaluate_attention(model, data, "hotflip", resamples=10)
    for found in result.sentences:
        attacked = attacker.attack_from_json({"sentence": found.tokens}, "tokens", "grad_input_1")
        replaced = sum(old != new for old, new in zip(attacked["original"], attacked["final"][0]))
        changed = attacked["outputs"][0]["label"] != found.prediction
        assert found.scores["hotflip_success"] == float(changed)
        assert found.scores["hotflip_words"] == (replaced if changed else None)
        assert found.scores["hotflip_share"] == (replaced / len(found.tokens) if changed else None)
    failed = sum(s.scores["hotflip_success"] == 0 for s in result.sentences)
    assert result.metrics["hotflip_words"].undefined == failed


def test_input_reduction_equals_allennlps_own():
    model, data = tiny_model().eval(), instances(4)
    attacker = InputReduction(SingleSequencePredictor(model, WordsReader()), beam_size=2)
    result = evaluate_attention(model, data, [{"type": "input_reduction", "beam_size": 2}], resamples=10)
    for found in result.sentences:
        left = attacker.attack_from_json({"sentence": found.tokens}, "tokens", "grad_input_1")["final"][0]
        assert found.scores["input_reduction_words"] == len(left)
        assert found.scores["input_reduction_share"] == len(left) / len(found.tokens)


def labelled(one, label):
    one.fields["label"] = LabelField(label, skip_indexing=True)
    return one


def test_gradients_equal_allennlps_own():
    model, data = tiny_model().eval(), [labelled(instance(["w1", "w2", "w3"]), 1)]
    data[0].fields.pop("metadata")
    ours, outputs = _Predictor(model, data[0]).get_gradients(data)
    theirs, _ = SingleSequencePredictor(model, WordsReader()).get_gradients(data)
    assert ours["grad_input_1"] == pytest.approx(theirs["grad_input_1"])
    assert outputs["probs"].shape == (1, 2)


@pytest.mark.parametrize("shared", [False, True])
def test_the_gradient_of_a_pair_is_that_of_the_first_text(shared):
    model, data = tiny_pair_model(shared=shared, num_labels=3), pair_instances(1)
    one = labelled(texts_of(model, data)[0].instance, 1)
    ours, _ = _Predictor(model.eval(), one).get_gradients([one])
    batch = batch_of(model, data)

    def loss(words):
        encoded = model.encode(batch.clean.embedded._replace(words=words))
        return float(model.sentence_losses(model.decode(encoded, encoded.scores), torch.tensor([1])))

    words = batch.clean.embedded.words
    step = torch.zeros_like(words)
    step[0, 0, 2] = 1e-5
    with torch.no_grad():
        expected = (loss(words + step) - loss(words - step)) / 2e-5
    assert ours["grad_input_1"].shape[1] == len(data[0]["premise"].tokens)
    assert ours["grad_input_1"][0, 0, 2] == pytest.approx(expected, rel=1e-5)


def test_pairs_keep_their_second_text():
    model, data = tiny_pair_model(num_labels=3), pair_instances(3)
    before = [[token.text for token in one["hypothesis"].tokens] for one in data]
    result = evaluate_attention(model, data, "hotflip,input_reduction", resamples=10)
    assert [[token.text for token in one["hypothesis"].tokens] for one in data] == before
    for found in result.sentences:
        assert 1 <= found.scores["input_reduction_words"] <= len(found.tokens)


def test_marks_of_start_and_end_are_neither_replaced_nor_deleted():
    model = tiny_model(boundary_tokens=1)
    data = [instance(["w0", "w1", "w2", "w3", "w4"], "1")]
    one = labelled(data[0].duplicate(), 1)
    gradient = _Predictor(model.eval(), one, boundary_gradient=float("inf")).get_gradients([one])[0]["grad_input_1"][0]
    assert (gradient[[0, 4]] == float("inf")).all()
    assert abs(gradient[1:4]).max() < float("inf")
    result = evaluate_attention(model, data, "hotflip,input_reduction", resamples=10)
    (found,) = result.sentences
    assert 0 <= found.scores["input_reduction_words"] <= 3
    assert found.scores["hotflip_words"] is None or found.scores["hotflip_words"] <= 3


def test_a_sample_without_empty_sentences_and_without_traces():
    model = tiny_model()
    data = [instance([], "1"), *instances(10)]
    result = evaluate_attention(model, data, [{"type": "hotflip", "sample": 4}], resamples=10)
    looked_at = [s for s in result.sentences if "hotflip_success" in s.scores]
    assert 3 <= len(looked_at) <= 4
    assert "hotflip_success" not in result.sentences[0].scores
    assert all(parameter.grad is None for parameter in model.parameters())
    # The sentences themselves are still what they were.
    assert [s.tokens for s in result.sentences] == [[t.text for t in one["tokens"].tokens] for one in data]


def with_indexers(words, **indexers):
    return Instance({"tokens": TextField([Token(word) for word in words], indexers)})


@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_marks_of_indexers_are_not_among_the_words(boundary_tokens):
    indexer = SingleIdTokenIndexer(start_tokens=["w0"], end_tokens=["w1"], token_min_padding_length=9)
    model, words = tiny_model(boundary_tokens=boundary_tokens).eval(), ["w2", "w3", "w4"]
    one = labelled(with_indexers(words, tokens=indexer), 1)
    padded = labelled(instance(["w0", *words, "w1"]), 1)
    found = _Predictor(model, one).get_gradients([one])[0]["grad_input_1"]
    assert found == pytest.approx(_Predictor(model, padded).get_gradients([padded])[0]["grad_input_1"][:, 1:-1])
    (sentence,) = evaluate_attention(model, [one], "hotflip,input_reduction", resamples=10).sentences
    assert len(sentence.tokens) == 5 - 2 * boundary_tokens
    marks = 2 - 2 * boundary_tokens
    assert 1 + marks <= sentence.scores["input_reduction_words"] <= 3 + marks
    assert sentence.scores["hotflip_words"] is None or 1 <= sentence.scores["hotflip_words"] <= 3


class Elsewhere(TokenIndexer):
    """Word pieces, say."""

    def count_vocab_items(self, token, counter):
        pass

    def tokens_to_indices(self, tokens, vocabulary):
        return {"tokens": [2 + len(token.text) for token in tokens]}

    def get_empty_token_list(self):
        return {"tokens": []}


@pytest.mark.parametrize("indexer", [Elsewhere(), SingleIdTokenIndexer(namespace="other"), SingleIdTokenIndexer(None)])
def test_hotflip_only_replaces_words_by_words(indexer, caplog):
    if getattr(indexer, "namespace", "") is None:
        words = [Token("w1", text_id=3), Token("w2", text_id=4)]
        indexer = SingleIdTokenIndexer(None, feature_name="text_id")
    else:
        words = [Token("w1"), Token("w2")]
    model, data = tiny_model().eval(), [Instance({"tokens": TextField(words, {"tokens": indexer})})]
    message = "'hotflip' does not apply: it replaces words with others of the vocabulary 'tokens'"
    work = mock.patch("attention_vat.interpret.evaluation.clean_batch", side_effect=AssertionError)
    with work, pytest.raises(ConfigurationError, match=message):
        evaluate_attention(model, data, ["correlation", "hotflip"])
    chosen = choose_measures("all")
    left = applicable_measures(chosen, model, texts_of(model, data))
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "The measure 'hotflip' is left out: it replaces words with others of the vocabulary 'tokens', but this model "
        "reads something else, such as word pieces or characters."
    ]
    assert [type(measure) for measure in chosen if measure not in left] == [HotflipAttack]


def test_hotflip_with_pieces_of_a_vocabulary(tmp_path, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    bert = str(tmp_path / "bert")
    shutil.copytree(ROOT / "fixtures" / "tiny_bert", bert)
    config = BertConfig.from_pretrained(bert)
    BertModel(config).save_pretrained(bert)
    parts = {"type": "pretrained_transformer", "model_name": bert}
    indexer = TokenIndexer.from_params(Params(dict(parts)))
    data = [with_indexers(["[CLS]", "the", "f", "##i", "[SEP]"], tokens=indexer)]
    model = {
        "text_field_embedder": {"token_embedders": {"tokens": parts}},
        "encoder": {"type": "pass_through", "input_dim": config.hidden_size},
        "boundary_tokens": 1,
    }
    # In "tokens" there are words at the places of pieces.
    with pytest.raises(ConfigurationError, match="'hotflip' does not apply"):
        evaluate_attention(tiny_model(dtype=torch.float32, **model), data, "hotflip")
    # The indexer fills the first vocabulary that it meets.
    data = [with_indexers(["[CLS]", "the", "f", "##i", "[SEP]"], tokens=TokenIndexer.from_params(Params(dict(parts))))]
    own = tiny_model(dtype=torch.float32, namespace="tags", **model)
    (found,) = evaluate_attention(own, data, "hotflip", resamples=10).sentences
    assert found.scores["hotflip_success"] in (0.0, 1.0)
