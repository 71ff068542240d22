import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import Unlabeled
from attention_vat.experiments.pools import Pool


@pytest.fixture
def files(tmp_path):
    found = {"train_data_path": tmp_path / "train.jsonl", "unlabeled_data_path": tmp_path / "pool.jsonl"}
    for path, size in zip(found.values(), (3, 20)):
        path.write_text("".join(json.dumps({"tokens": ["film", f"w{n}"], "label": "1"}) + "\n" for n in range(size)))
    return {name: str(path) for name, path in found.items()}


def test_it_is_selected_once(tmp_path, files):
    pool = Pool(str(tmp_path / "out"), "sst", Unlabeled(count=5, strategy="random"), files)
    pool.make()
    assert len(pool.file.read_text().splitlines()) == 5
    before = pool.file.stat().st_mtime_ns
    Pool(str(tmp_path / "out"), "sst", Unlabeled(count=5, strategy="random"), files).make()
    assert pool.file.stat().st_mtime_ns == before


def test_other_data_or_another_selection_is_another_file(tmp_path, files):
    def place(**unlabeled):
        return Pool(str(tmp_path / "out"), "sst", Unlabeled(**unlabeled), files).file

    places = {place(count=5), place(count=6), place(count=5, strategy="bag_of_words")}
    with open(files["unlabeled_data_path"], "a") as file:
        file.write('{"tokens": ["more"]}\n')
    assert len(places | {place(count=5)}) == 4


def test_what_is_missing_is_named(tmp_path, files):
    with pytest.raises(ConfigurationError, match="'mean_embedding' needs parameters.vectors.file"):
        Pool(str(tmp_path), "sst", Unlabeled(count=5, strategy="mean_embedding"), files)
    del files["unlabeled_data_path"]
    with pytest.raises(ConfigurationError, match="The configuration of sst has no unlabelled data"):
        Pool(str(tmp_path), "sst", Unlabeled(count=5), files)
