import shutil

from attention_vat.reproduction import fingerprint
from attention_vat.reproduction.fingerprint import code_version, config_hash


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
