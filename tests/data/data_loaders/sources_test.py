import gzip
import json

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Token
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from attention_vat.data.data_loaders.columns import CandidatesColumn, LabelColumn, NotFlat, TextColumn
from attention_vat.data.data_loaders.metadata import LineColumn, PickledColumn
from attention_vat.data.data_loaders.sources import DIFFERENT, ExampleSource, InstanceSource, source_of
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.data.fields import CandidatesField

LINES = [
    {"premise": "A né film.", "hypothesis": ["", "B"], "label": 7, "candidates": ["7", "x"], "id": 10**30},
    {"premise": "", "hypothesis": [], "label": "x", "candidates": ["x"]},
]


class OwnReader(SingleSequenceReader):
    pass


class OwnTextField(TextField):
    pass


def text(*words):
    return TextField([Token(word) for word in words], {"tokens": SingleIdTokenIndexer()})


def written(path, *lines):
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return str(path)


def with_columns(source, first=None):
    """The columns as the first instance has them."""
    return source, source.columns(first or source.instance(next(iter(source.items()))))


@pytest.mark.parametrize(
    ("reader", "kind"),
    [
        (SingleSequenceReader(), ExampleSource),
        (PairSequenceReader(), ExampleSource),
        (OwnReader(), InstanceSource),
        (DatasetReader(), InstanceSource),
    ],
)
def test_only_lines_of_our_own_readers_are_read_without_instances(reader, kind):
    assert type(source_of(reader, "data.jsonl")) is kind


@pytest.mark.parametrize(("name", "kind"), [("data.jsonl", LineColumn), ("data.jsonl.gz", PickledColumn)])
def test_metadata_stays_in_a_file_unless_it_is_packed(tmp_path, name, kind):
    source, columns = with_columns(source_of(PairSequenceReader(), written(tmp_path / name, *LINES)))
    kinds = {name: type(column) for name, column in columns.items()}
    assert kinds == {
        "premise": TextColumn,
        "hypothesis": TextColumn,
        "label": LabelColumn,
        "candidates": CandidatesColumn,
        "metadata": kind,
    }
    for item in source.items():
        expected = item[0] if kind is LineColumn else source.reader.make_metadata(item[1])
        assert source.row(item, columns)["metadata"] == expected


@pytest.mark.parametrize("fields", [None, ["hypothesis", "metadata"], ["label", "candidates"]])
def test_a_row_of_a_line_is_the_row_of_its_instance(tmp_path, fields):
    path = written(tmp_path / "data.jsonl.gz", *LINES)
    source, columns = with_columns(source_of(PairSequenceReader(), path, fields))
    plain = InstanceSource(source.reader, path, fields)
    items = list(source.items())
    assert len(items) == len(LINES)
    for item in items:
        row = source.row(item, columns)
        assert row == plain.row(source.instance(item), columns)
        assert set(row) == set(fields or ["premise", "hypothesis", "label", "candidates", "metadata"])


def test_a_line_without_label_and_candidates_has_no_values_for_them(tmp_path):
    path = written(tmp_path / "data.jsonl", {"premise": "A né film.", "hypothesis": "b", "label": None})
    source, columns = with_columns(source_of(PairSequenceReader(), path, ["premise", "label", "candidates"]))
    assert [source.row(item, columns) for item in source.items()] == [{"premise": ["a", "né", "film"]}]


def test_what_is_not_wanted_may_be_on_some_lines_only(tmp_path):
    path = written(tmp_path / "data.jsonl", LINES[0], {"premise": "...", "hypothesis": "b"})
    assert len(list(source_of(PairSequenceReader(), path, ["premise"]).items())) == 2
    for wanted in ("label", "candidates"):
        with pytest.raises(ConfigurationError, match=f"data.jsonl:2: has no {wanted}, but line 1 has; a file must"):
            list(source_of(PairSequenceReader(), path, ["premise", wanted]).items())


def test_fields_that_the_first_instance_does_not_have_or_as_another_type_are_different():
    first = Instance({"x": text("a"), "y": LabelField("b")})
    source, columns = with_columns(InstanceSource(DatasetReader(), "", ["x", "y", "z"]), first)
    other = Instance({"z": text("a"), "y": text("b"), "x": text("c", "né"), "unwanted": MetadataField(3)})
    assert source.row(other, columns) == {"z": DIFFERENT, "y": DIFFERENT, "x": ["c", "né"]}
    assert source.row(Instance({"x": OwnTextField([])}), columns) == {"x": DIFFERENT}


@pytest.mark.parametrize("field", [OwnTextField([], {}), type("OwnLabel", (LabelField,), {})("a")])
def test_a_field_of_a_derived_type_may_be_something_else(field):
    with pytest.raises(NotFlat, match=f'^"x" is a {type(field).__name__}$'):
        InstanceSource(DatasetReader(), "", None).columns(Instance({"x": field}))
    candidates = Instance({"x": field, "candidates": CandidatesField([])})
    assert list(InstanceSource(DatasetReader(), "", ["candidates"]).columns(candidates)) == ["candidates"]


def test_an_instance_of_a_line_has_the_indexers_of_its_reader(tmp_path):
    path = written(tmp_path / "data.jsonl", {"text": "a"})
    indexers = {"words": SingleIdTokenIndexer(namespace="words")}
    source = source_of(SingleSequenceReader(token_indexers=indexers), path)
    (item,) = source.items()
    assert source.instance(item)["tokens"].token_indexers is indexers


def test_a_line_is_placed_by_its_number_in_the_file_and_any_other_instance_by_its_own(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('\n{"text": "a"}\n\n\n{"text": "b"}\n')
    lines, instances = (source_of(reader, str(path)) for reader in (SingleSequenceReader(), OwnReader()))
    assert [lines.place(item, n) for n, item in enumerate(lines.items(), start=1)] == [f"{path}:2", f"{path}:5"]
    assert [instances.place(item, n) for n, item in enumerate(instances.items(), start=1)] == [
        f"{path}, instance 1",
        f"{path}, instance 2",
    ]
