"""Each word beside its own weight: every reader, indexer, model and whoever shows it."""

import io
import json
import shutil
from pathlib import Path

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Token, Vocabulary
from allennlp.data.fields import TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.models import Model
from allennlp.modules.token_embedders import TokenEmbedder
from rich.console import Console
from transformers import BertConfig, BertModel, BertTokenizer

from attention_vat.models.words import attended, marks_of
from attention_vat.predictors import PairSequencePredictor, SingleSequencePredictor
from attention_vat.reports.attention_page import write_attention_page
from attention_vat.reports.terminal import print_prediction
from tests.interpret.made_up import batch_of

ROOT = Path(__file__).parents[2]
SENTENCE = "the zanzibar film was good"
TRAINED_ON = ["the film was good", "the film was not"]
DIM = 6


@TokenEmbedder.register("characters_as_elmo_has_them")
class ElmoLike(TokenEmbedder):
    """Takes what ELMo takes, which are no ids of words."""

    def __init__(self, embedding_dim: int = DIM) -> None:
        super().__init__()
        self._table = torch.nn.Embedding(262, embedding_dim, padding_idx=0)

    def get_output_dim(self):
        return self._table.embedding_dim

    def forward(self, elmo_tokens):
        return self._table(elmo_tokens).sum(dim=2)


CHARACTERS = {"type": "characters", "min_padding_length": 3}
CNN = {
    "type": "character_encoding",
    "embedding": {"embedding_dim": 4, "vocab_namespace": "token_characters"},
    "encoder": {"type": "cnn", "embedding_dim": 4, "num_filters": DIM, "ngram_filter_sizes": [3]},
}
EMBEDDING = {"type": "embedding", "embedding_dim": DIM}
MARKS = {"start_tokens": ["@start@"], "end_tokens": ["@end@"]}
BERT = "BERT"

# The indexers, their embedders, the size of an embedding, and the marks that the indexers put.
INDEXERS = {
    "single_id": ({"tokens": {"type": "single_id"}}, {"tokens": EMBEDDING}, DIM, [], []),
    "wide": ({"tokens": {"type": "single_id", "token_min_padding_length": 9}}, {"tokens": EMBEDDING}, DIM, [], []),
    "marks": ({"tokens": {"type": "single_id", **MARKS}}, {"tokens": EMBEDDING}, DIM, ["@start@"], ["@end@"]),
    "two_marks": (
        {"tokens": {"type": "single_id", "start_tokens": ["^", "<"], "end_tokens": [">", "$"]}},
        {"tokens": EMBEDDING},
        DIM,
        ["^", "<"],
        [">", "$"],
    ),
    "only_a_start": (
        {"tokens": {"type": "single_id", "start_tokens": ["^"]}},
        {"tokens": EMBEDDING},
        DIM,
        ["^"],
        [],
    ),
    "characters": ({"tokens": CHARACTERS}, {"tokens": CNN}, DIM, [], []),
    "characters_marks": ({"tokens": {**CHARACTERS, **MARKS}}, {"tokens": CNN}, DIM, ["@start@"], ["@end@"]),
    "both": (
        {"tokens": {"type": "single_id"}, "characters": CHARACTERS},
        {"tokens": EMBEDDING, "characters": CNN},
        2 * DIM,
        [],
        [],
    ),
    "elmo": ({"elmo": {"type": "elmo_characters"}}, {"elmo": {"type": "characters_as_elmo_has_them"}}, DIM, [], []),
    "mismatched": (
        {"tokens": {"type": "pretrained_transformer_mismatched", "model_name": BERT}},
        {"tokens": {"type": "pretrained_transformer_mismatched", "model_name": BERT}},
        None,
        [],
        [],
    ),
    "pieces": (
        {"tokens": {"type": "pretrained_transformer", "model_name": BERT}},
        {"tokens": {"type": "pretrained_transformer", "model_name": BERT}},
        None,
        [],
        [],
    ),
}
READERS = {
    "single_sequence": {"type": "single_sequence"},
    "single_sequence_marks": {"type": "single_sequence", "boundary_tokens": True},
    "text_classification_json": {"type": "text_classification_json", "tokenizer": "words"},
    "sst_tokens": {"type": "sst_tokens"},
    "pair_sequence": {"type": "pair_sequence"},
    "pair_sequence_marks": {"type": "pair_sequence", "boundary_tokens": True},
    "snli": {"type": "snli", "tokenizer": "whitespace"},
}
PIECES = ["[CLS]", *BertTokenizer.from_pretrained(ROOT / "fixtures" / "tiny_bert").tokenize(SENTENCE), "[SEP]"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    path = tmp_path_factory.mktemp("transformer") / "bert"
    shutil.copytree(ROOT / "fixtures" / "tiny_bert", path)
    torch.manual_seed(0)
    BertModel(BertConfig.from_pretrained(path)).save_pretrained(path)
    return str(path)


def predictor_of(reader, indexers, bert, boundary_tokens, monkeypatch):
    """What an archive has, without any training."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    if reader in ("sst_tokens", "snli"):
        pytest.importorskip("allennlp_models.classification")
        pytest.importorskip("allennlp_models.pair_classification")
    token_indexers, embedders, dim, _, _ = INDEXERS[indexers]
    config = {**READERS[reader], "token_indexers": token_indexers}
    if indexers == "pieces":
        config["tokenizer"] = {"type": "pretrained_transformer", "model_name": BERT}
    config, embedders = (json.loads(json.dumps(part).replace(BERT, bert)) for part in (config, embedders))
    made = DatasetReader.from_params(Params(config))
    is_pair = reader.startswith(("pair", "snli"))
    texts = [text.split() if reader == "sst_tokens" else text for text in TRAINED_ON]
    second = ["film"] if is_pair else []
    labels = ("neutral", "entailment") if reader == "snli" else ("1", "0")
    instances = [made.text_to_instance(text, *second, label) for text, label in zip(texts, labels)]
    for instance in instances:
        made.apply_token_indexers(instance)
    torch.manual_seed(1)
    encoder = {"type": "lstm", "input_size": dim or BertConfig.from_pretrained(bert).hidden_size, "hidden_size": 5}
    model = Model.from_params(
        Params(
            {
                "type": "pair_sequence_attention" if is_pair else "single_sequence_attention",
                "text_field_embedder": {"token_embedders": embedders},
                "encoder": encoder,
                "boundary_tokens": boundary_tokens,
            }
        ),
        vocab=Vocabulary.from_instances(instances),
    )
    return (PairSequencePredictor if is_pair else SingleSequencePredictor)(model, made)


def what_is_read(reader, indexers):
    _, _, _, start, end = INDEXERS[indexers]
    words = PIECES if indexers == "pieces" else SENTENCE.split()
    if reader.endswith("_marks"):
        words = ["@start@", *words, "@end@"]
    return [*start, *words, *end]


def inputs_of(predictor):
    if isinstance(predictor, PairSequencePredictor):
        return {"premise": SENTENCE, "hypothesis": "the film"}
    return {"sentence": SENTENCE}


def raw_weights(predictor, instance):
    """The weights of all that the model reads, straight from the model."""
    made = instance.duplicate()
    predictor._dataset_reader.apply_token_indexers(made)
    made.index_fields(predictor._model.vocab)
    tensors = {name: field for name, field in made.as_tensor_dict().items() if name in predictor._model.input_names}
    batch = {
        name: {key: {k: v.unsqueeze(0) for k, v in part.items()} for key, part in field.items()}
        for name, field in tensors.items()
    }
    with torch.no_grad():
        return predictor._model(**batch)["attention"][0].tolist()


# Every indexer with a reader of each kind, every reader with an indexer of each kind.
CELLS = [
    (reader, indexers, boundary_tokens)
    for reader in READERS
    for indexers in INDEXERS
    for boundary_tokens in (0, 1)
    if reader == "single_sequence"
    or (reader == "pair_sequence" and boundary_tokens == 1)
    or indexers in ("single_id", "marks", "characters")
]


@pytest.mark.parametrize(("reader", "indexers", "boundary_tokens"), CELLS)
def test_each_word_has_its_weight(reader, indexers, boundary_tokens, bert, monkeypatch, tmp_path):
    predictor = predictor_of(reader, indexers, bert, boundary_tokens, monkeypatch)
    inputs = inputs_of(predictor)
    read = what_is_read(reader, indexers)
    last = len(read) - boundary_tokens
    expected = read[boundary_tokens:last]
    raw = raw_weights(predictor, predictor._json_to_instance(inputs))

    prediction = predictor.predict_json(inputs)
    assert prediction["tokens"] == expected
    assert prediction["attention"] == pytest.approx(raw[boundary_tokens:last], abs=1e-6)
    assert sum(prediction["attention"]) == pytest.approx(1.0, abs=1e-5)
    assert json.loads(json.dumps(prediction, allow_nan=False)) == prediction
    # In a batch of another width.
    (alone, _) = predictor.predict_batch_json([inputs, {key: text * 2 for key, text in inputs.items()}])
    assert alone["tokens"] == expected
    assert alone["attention"] == pytest.approx(prediction["attention"], abs=1e-6)

    console = Console(file=io.StringIO())
    print_prediction(console, prediction)
    shown = [word.split("(")[0] for word in console.file.getvalue().splitlines()[1].split()]
    assert shown == expected
    write_attention_page(tmp_path / "page.html", [{"m": prediction}])
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<bdi>") == 2 * len(expected)

    instance = predictor._json_to_instance(inputs)
    predictor._dataset_reader.apply_token_indexers(instance)
    (evaluated,) = batch_of(predictor._model, [instance]).sentences
    assert evaluated.tokens == expected
    assert evaluated.attention == pytest.approx(prediction["attention"], abs=1e-6)
    assert len(evaluated.importance) == len(expected)

    (saliency,) = SaliencyInterpreter.by_name("attention")(predictor).saliency_interpret_from_json(inputs).values()
    assert saliency["grad_input_1"] == pytest.approx(raw[: len(read)], abs=1e-6)


SALIENCY = [("attention-gradient", indexers) for indexers in INDEXERS]
SALIENCY += [("simple-gradient", indexers) for indexers in INDEXERS]
SALIENCY += [
    (f"{name}-gradient", indexers) for name in ("integrated", "smooth") for indexers in ("marks", "mismatched")
]


@pytest.mark.parametrize(("name", "indexers"), SALIENCY)
def test_saliency_has_a_number_for_all_that_is_read(name, indexers, bert, monkeypatch):
    reader = "single_sequence" if indexers == "pieces" else "single_sequence_marks"
    predictor = predictor_of(reader, indexers, bert, 1, monkeypatch)
    saliency = SaliencyInterpreter.by_name(name)(predictor).saliency_interpret_from_json({"sentence": SENTENCE})
    values = saliency["instance_1"]["grad_input_1"]
    read = what_is_read(reader, indexers)
    if indexers == "wide" and name != "attention-gradient":
        # AllenNLP's has a number for padding, too.
        assert numpy.count_nonzero(values[len(read) :]) == 0
        values = values[: len(read)]
    assert len(values) == len(read)
    assert sum(values) == pytest.approx(1.0, abs=1e-4)


def test_marks_of_indexers():
    indexers = {"a": SingleIdTokenIndexer(start_tokens=["<", "("], end_tokens=[">"]), "b": SingleIdTokenIndexer()}
    marks = marks_of(TextField([Token("w")], indexers))
    assert marks == (["<", "("], [">"])
    assert marks.around([7], 0) == [0, 0, 7, 0]
    assert marks_of(TextField([Token("w")])) == ([], [])


@pytest.mark.parametrize(
    ("items", "num_read", "boundary_tokens", "expected"),
    [
        ("abc", 3, 0, "abc"),
        ("^abc$", 5, 1, "abc"),
        ("abc", 5, 1, "abc"),
        ("a", 1, 1, ""),
        ("^$", 2, 1, ""),
        ("", 2, 1, ""),
        ("", 0, 0, ""),
        ("", 0, 3, ""),
        ("abc", 3, 2, ""),
    ],
)
def test_attended(items, num_read, boundary_tokens, expected):
    assert "".join(attended(items, num_read, boundary_tokens, "It")) == expected


@pytest.mark.parametrize(
    ("items", "num_read", "boundary_tokens", "remedy"),
    [
        ("abc", 5, 0, "or set the model's boundary_tokens to 1 if they add 1 at each end"),
        ("abc", 7, 1, "or set the model's boundary_tokens to 2 if they add 2 at each end"),
        ("abc", 6, 0, "one embedding per token\\.$"),
        ("abc", 2, 0, "and no empty tokens"),
        ("", 1, 0, "one embedding per token\\.$"),
    ],
)
def test_nothing_is_made_to_fit(items, num_read, boundary_tokens, remedy):
    with pytest.raises(ConfigurationError, match=f"^It has {len(items)} tokens, but .* {num_read} words.*{remedy}"):
        attended(items, num_read, boundary_tokens, "It")


def test_no_text_to_read(bert, monkeypatch):
    predictor = predictor_of("single_sequence", "single_id", bert, 0, monkeypatch)
    with pytest.raises(ConfigurationError, match=r"no text field 'tokens', which the model reads, only \['premise'\]"):
        predictor._model.forward_on_instance(Instance({"premise": TextField([])}))
