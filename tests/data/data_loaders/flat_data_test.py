import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, Vocabulary
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from attention_vat.data.data_loaders.columns import CandidatesColumn, LabelColumn, TextColumn
from attention_vat.data.data_loaders.flat_data import FlatData
from attention_vat.data.data_loaders.metadata import PickledColumn
from attention_vat.data.data_loaders.sources import DIFFERENT
from attention_vat.data.fields import CandidatesField


@pytest.fixture
def data():
    text = TextField([Token("a")], {"words": SingleIdTokenIndexer()})
    return FlatData(
        {
            "tokens": TextColumn("tokens", text),
            "label": LabelColumn("label", LabelField("x")),
            "candidates": CandidatesColumn("candidates", CandidatesField([])),
            "metadata": PickledColumn("metadata", MetadataField({})),
        }
    )


def row(tokens, label, **others):
    return {"tokens": tokens, "label": (label,), "candidates": [], "metadata": None, **others}


def test_a_batch_has_the_fields_in_the_order_of_the_columns(data):
    data.add(row(["b", "a"], "y", candidates=["x"], metadata={"id": "né"}))
    data.add(dict(reversed(list(row([], "x").items()))))
    data.freeze()
    data.index_with(Vocabulary({"tokens": {"a": 2, "b": 1}, "labels": {"x": 2, "y": 1}}))
    batch = data.batch(numpy.array([1, 0]))
    assert list(batch) == ["tokens", "label", "candidates", "metadata"]
    assert batch["tokens"]["words"]["tokens"].tolist() == [[0, 0], [3, 2]]
    assert batch["label"].tolist() == [0, 1]
    assert batch["candidates"].tolist() == [[0, 0], [1, 0]]
    assert list(batch["metadata"]) == [None, {"id": "né"}]
    assert data.size == 2


@pytest.mark.parametrize(
    "other",
    [
        {"tokens": ["b"], "label": ("y",), "candidates": []},
        row(["b"], "y", rationale=[1]),
        row(["b"], "y", candidates=DIFFERENT),
    ],
    ids=["a field less", "a field more", "a field of another type"],
)
def test_an_instance_that_differs_from_the_first_leaves_no_trace(data, other):
    data.add(row(["a"], "x"))
    names = r"\['tokens', 'label', 'candidates'.* instance's \['tokens', 'label', 'candidates', 'metadata'\]"
    with pytest.raises(ValueError, match=f"^the fields {names} in name or type, so both cannot be in one batch"):
        data.add(other)
    data.freeze()
    assert data.size == 1
    assert data.columns["tokens"].values == ["a"]
    assert data.lengths("tokens").tolist() == data.lengths("label").tolist() == [1]


def test_lengths_are_those_of_the_texts(data):
    for words in (["a", "b", "a"], [], ["c"]):
        data.add(row(words, "x"))
    data.freeze()
    assert data.lengths("tokens").tolist() == [3, 0, 1]
    assert data.lengths("label").tolist() == [1, 1, 1], "AllenNLP counts a label as one"


@pytest.mark.parametrize("key", ["words", "candidates", "metadata"])
def test_a_sorting_key_that_has_no_length(data, key):
    with pytest.raises(ConfigurationError, match=rf'sorting_keys has "{key}", but the texts are \[\'tokens\'\]'):
        data.lengths(key)
