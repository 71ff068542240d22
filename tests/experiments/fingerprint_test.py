import shutil

import pytest

from attention_vat.experiments import fingerprint
from attention_vat.experiments.fingerprint import (
    EVALUATION,
    PACKAGE,
    TRAINING,
    code_version,
    config_hash,
    evaluation_version,
    source_files,
)


def test_contents_count_and_places_do_not(tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "there" / "b.jsonl"
    second.parent.mkdir()
    for path in (first, second):
        path.write_text("one\n")
    config = {"train_data_path": str(first), "list": [1, {"x": str(first)}]}
    moved = {"list": [1, {"x": str(second)}], "train_data_path": str(second)}
    assert config_hash(config) == config_hash(moved)
    second.write_text("two\n")
    assert config_hash(config) != config_hash(moved)
    assert config_hash(config) != config_hash({**config, "seed": 1})
    assert config_hash({"a": 1}) != config_hash({"a": 2})


def test_the_code_that_trains_counts(tmp_path, monkeypatch):
    package = tmp_path / "package"
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    for name in ("models/a.py", "data/corpora/b.py", "reports/c.py", "data/fields.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("x = 1\n")

    def version():
        code_version.cache_clear()
        return code_version()

    before = version()
    try:
        (package / "reports" / "c.py").write_text("x = 22\n")
        (package / "data" / "corpora" / "b.py").write_text("x = 22\n")
        assert version() == before
        (package / "data" / "fields.py").write_text("x = 22\n")
        changed = version()
        assert changed != before
        shutil.move(str(package / "models" / "a.py"), str(package / "models" / "b.py"))
        assert version() not in (before, changed)
    finally:
        code_version.cache_clear()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package, with the versions of its training and of its evaluation."""
    monkeypatch.setattr(fingerprint, "PACKAGE", tmp_path / "package")

    def versions(files):
        for name, text in files.items():
            path = tmp_path / "package" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        forget()
        return code_version(), evaluation_version()

    def forget():
        for function in (code_version, evaluation_version):
            function.cache_clear()

    yield versions
    forget()


@pytest.mark.parametrize("folder", ["common", "data", "models", "modules", "nn", "regularizers", "training"])
def test_every_part_that_a_model_is_made_of_counts(folder):
    """A change there must not leave the numbers of the model that was."""
    files = {*source_files(TRAINING)}
    inside = [path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / folder).rglob("*.py")]
    apart = [name for name in inside if name not in files]
    assert all(name.startswith(("data/__init__", "data/corpora/", "data/selection/")) for name in apart)
    assert len(apart) < len(inside)


def test_what_epochs_are_chosen_by_and_how_words_are_cleaned_counts():
    """The callback `attention_correlation` is told by `interpret`, and the reader cleans words as the corpora do."""
    files = {*source_files(TRAINING)}
    assert {"interpret/importance.py", "interpret/correlation.py", "data/corpora/cleaning.py"} <= files
    assert not any(name.startswith(("reports/", "commands/", "reproduction/", "search/")) for name in files)
    assert "interpret/evaluation.py" not in files and "interpret/measures/permutation.py" not in files


def test_every_measure_counts_for_the_evaluation():
    files = {*source_files(EVALUATION)}
    measures = {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / "interpret" / "measures").glob("*.py")}
    assert len(measures) > 10 and measures <= files
    assert {"interpret/bootstrap.py", "interpret/evaluation.py", "interpret/erasure.py"} <= files
    assert not any(name.startswith(("reports/", "commands/", "reproduction/", "search/")) for name in files)


def test_the_evaluation_may_change_without_the_training_but_not_the_other_way_round(package):
    before = package({"models/a": "x = 1\n", "interpret/b": "import attention_vat.models.a\n", "reports/c": "x = 1\n"})
    assert package({"reports/c": "x = 2\n"}) == before
    mended = package({"interpret/b": "import attention_vat.models.a\nx = 2\n"})
    assert mended[0] == before[0] and mended[1] != before[1]
    changed = package({"models/a": "x = 2\n"})
    assert changed[0] != mended[0] and changed[1] != mended[1]


@pytest.mark.parametrize(
    "text",
    [
        "from attention_vat.reports.used import name\n",
        "from attention_vat.reports import used\n",
        "import attention_vat.reports.used\n",
        "from attention_vat.reports import name\n",
        "def later():\n    from attention_vat.reports.used import name\n",
        "if True:\n    import torch, attention_vat.reports.used as other\n",
    ],
)
def test_imports_are_followed_to_where_names_are_from(package, text):
    hands_on = "from attention_vat.reports.apart import other\nfrom attention_vat.reports.used import name\n"
    before = package(
        {"training/a": text, "reports/__init__": hands_on, "reports/used": "name = 1\n", "reports/apart": "other = 1\n"}
    )
    assert package({"reports/apart": "other = 2\n"})[0] == before[0]
    assert package({"reports/used": "name = 2\n"})[0] != before[0]
