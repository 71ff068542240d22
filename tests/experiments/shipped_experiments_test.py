"""Every shipped experiment is evaluated, and every configuration that it names is resolved."""

import pytest

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.published import published
from tests.experiments.small import ROOT

EXPERIMENTS = sorted((ROOT / "experiments").glob("*.jsonnet"))
CORPORA = ["sst", "imdb", "ag_news", "cnn", "snli", "multinli", "movies", "newsgroups"]
SMALL = ["sst", "snli", "stsb", "wnut17", "imdb"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with the files of all corpora, none of them with an example."""
    directory = tmp_path_factory.mktemp("data")
    names = [f"{corpus}/{split}.jsonl" for corpus in CORPORA for split in ("train", "validation", "test", "unlabeled")]
    names += [f"{corpus}_1000/{split}.jsonl" for corpus in SMALL for split in ("train", "validation", "test")]
    names += ["snli_1000/validation_1000.jsonl", "snli_1000/test_2000.jsonl", "imdb_1000/validation_1000.jsonl"]
    few = ("sst_250", "ag_news_500", "imdb_500")
    names += [f"{corpus}/{split}.jsonl" for corpus in few for split in ("train", "validation", "test")]
    names += [f"{pool}/unlabeled.jsonl" for pool in ("sentences", "news_sentences", "review_sentences")]
    for name in [*names, "imdb_1000/test_1000.jsonl", "vectors.txt"]:
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(name)
    return directory


@pytest.mark.parametrize("file", EXPERIMENTS, ids=[path.stem for path in EXPERIMENTS])
def test_is_complete(file, data, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    experiment = load_experiment(file)
    assert experiment.title
    cells = cells_of(experiment, str(data), str(tmp_path))
    names = {run.name for cell in cells for run in cell.final_runs(cell.epsilon or 1.0)}
    # What differs in unlabelled data alone is the same plain model.
    plain = [cell for cell in cells if cell.technique == "vanilla"]
    shared = sum(len(cell.part.seeds) for cell in plain) - len({run.name for c in plain for run in c.final_runs()})
    assert len(names) == sum(len(cell.part.seeds) for cell in cells) - shared
    assert (shared > 0) == (file.stem == "pools")
    assert all(cell.part.search.num_runs == len(cell.candidates) for cell in cells if cell.search)


def test_the_tables_have_the_papers_numbers(data, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    for name, expected in (("table3", 6 * 9), ("table4", 6 * 9), ("table5", 5), ("table6", 2 * 3 * 3)):
        experiment = load_experiment(ROOT / "experiments" / f"{name}.jsonnet")
        strategies = [
            (cell, cell.unlabeled.strategy if cell.unlabeled and name == "table6" else None)
            for cell in cells_of(experiment, str(data), str(tmp_path))
        ]
        found = [
            published(experiment.measures[0], cell.column, cell.technique, strategy) for cell, strategy in strategies
        ]
        assert len(found) == expected
        assert None not in found
