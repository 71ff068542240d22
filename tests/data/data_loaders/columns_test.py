import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, Vocabulary
from allennlp.data.fields import LabelField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.data.data_loaders.columns import CandidatesColumn, Column, LabelColumn, NotFlat, TextColumn
from attention_vat.data.fields import CandidatesField


def filled(column, *rows):
    for row in rows:
        column.add(row)
    column.freeze()
    return column


def text_column(*rows, **indexers):
    return filled(TextColumn("text", TextField([Token("first")], indexers)), *rows)


def label_column(*labels, **options):
    return filled(LabelColumn("label", LabelField(labels[0], **options)), *((label,) for label in labels))


def candidates_column(*rows):
    return filled(CandidatesColumn("candidates", CandidatesField([])), *rows)


def rows(*numbers):
    return numpy.array(numbers, dtype=numpy.int64)


def test_different_values_are_numbered_from_1_as_they_come():
    column = filled(Column("x"), ["b", "a", "b"], [], ["é", "a"])
    assert column.values == ["b", "a", "é"]
    assert column.numbers.tolist() == [0, 1, 2, 1, 3, 2]
    assert column.offsets.tolist() == [1, 4, 4, 6]
    assert (column.numbers.dtype, column.offsets.dtype) == (numpy.int32, numpy.int64)
    assert column.lengths().tolist() == [3, 0, 2]


def test_rows_come_in_the_order_asked_for_and_as_wide_as_the_longest_of_them():
    column = filled(Column("x"), ["a", "b", "c"], [], ["d"])
    assert column.padded(rows(2, 0, 2)).tolist() == [[4, 0, 0], [1, 2, 3], [4, 0, 0]]
    assert column.padded(rows(1, 2)).tolist() == [[0], [4]]
    assert column.padded(rows(1, 1)).shape == (2, 0)
    assert column.padded(rows()).shape == (0, 0)


@given(st.lists(st.lists(st.text(max_size=2), max_size=5), max_size=8), st.randoms(use_true_random=False))
def test_what_is_added_is_found_again_in_arrays_from_elsewhere(texts, random):
    column = filled(Column("x"), *texts)
    restored = Column("x")
    restored.restore(column.values, **{name: array.copy() for name, array in column.arrays().items()})
    order = random.sample(range(len(texts)), len(texts))
    found = [
        [restored.values[number - 1] for number in row if number] for row in restored.padded(rows(*order)).tolist()
    ]
    assert found == [texts[row] for row in order]


def test_each_indexer_has_a_table_of_its_own():
    column = text_column(
        ["Good", "film", "new"],
        lower=SingleIdTokenIndexer(lowercase_tokens=True),
        cased=SingleIdTokenIndexer("cased", token_min_padding_length=4),
    )
    # Of a namespace 0 is padding and 1 the unknown word.
    column.index_with(Vocabulary({"tokens": {"good": 2, "film": 1}, "cased": {"Good": 1}}))
    batch = column.batch(rows(0))
    assert batch["lower"]["tokens"].tolist() == [[2, 3, 1]]
    assert batch["cased"]["tokens"].tolist() == [[2, 1, 1, 0]]


def test_a_word_without_an_index_is_named_as_the_text_has_it():
    column = text_column(["known", "ÉTÉ"], words=SingleIdTokenIndexer("tags", lowercase_tokens=True))
    with pytest.raises(ConfigurationError, match='^"text": "ÉTÉ" is not in the vocabulary "tags"; leave "text" out'):
        column.index_with(Vocabulary({"tags": {"known": 1}}))


class OwnIndexer(SingleIdTokenIndexer):
    pass


@pytest.mark.parametrize(
    ("indexer", "problem"),
    [
        (OwnIndexer(), "is indexed by OwnIndexer"),
        (SingleIdTokenIndexer(namespace=None), "is not indexed by its words"),
        (SingleIdTokenIndexer(start_tokens=["@start@"]), "has start_tokens or end_tokens"),
    ],
)
def test_one_indexer_that_is_not_flat_is_enough(indexer, problem):
    with pytest.raises(NotFlat, match=f'^"text" {problem}$'):
        text_column(fine=SingleIdTokenIndexer(), other=indexer)


def test_labels_are_those_of_their_own_namespace():
    column = label_column("no", "yes", "no", label_namespace="answer_labels")
    column.index_with(Vocabulary({"labels": {"no": 9, "yes": 1}, "answer_labels": {"yes": 2, "no": 1}}))
    assert column.batch(rows(2, 1, 0)).tolist() == [1, 0, 1]
    assert column.batch(rows()).shape == (0,)


def test_labels_that_are_numbers_stay_as_they_are():
    column = label_column(7, 0, -1, 2**63 - 1, 7, skip_indexing=True)
    column.index_with(Vocabulary())
    assert column.batch(rows(4, 3, 2, 1, 0)).tolist() == [7, 2**63 - 1, -1, 0, 7]


def test_a_label_that_the_vocabulary_does_not_have_is_named():
    column = label_column("1", "0", "né")
    with pytest.raises(ConfigurationError, match='^"label": "né" is not in the vocabulary "labels"; leave "label" out'):
        column.index_with(Vocabulary({"labels": {"0": 1, "1": 1}}))


def test_candidates_that_the_vocabulary_does_not_have_take_no_place():
    column = candidates_column(["b", "never"], ["never"], [], ["a", "c", "a"])
    column.index_with(Vocabulary({"labels": {"a": 3, "b": 2, "c": 1}}))
    assert column.batch(rows(0, 1, 2, 3)).tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 1]]


def test_nobody_has_candidates():
    column = candidates_column([], [])
    column.index_with(Vocabulary({"labels": {"a": 1}}))
    assert column.batch(rows(0, 1)).tolist() == [[0], [0]]
    column.index_with(Vocabulary())
    assert column.batch(rows(0, 1)).shape == (2, 0)


def test_labels_of_one_field_are_of_one_kind():
    column = LabelColumn("label", LabelField("a", "labels"))
    assert [*column.values_of(LabelField("b", "labels"))] == ["b"]
    for other in (LabelField("b", "other_labels"), LabelField(1, "labels", skip_indexing=True)):
        with pytest.raises(ValueError, match='"label" differs from the first instance in its namespace or skip_'):
            column.values_of(other)
