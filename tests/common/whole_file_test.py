import pytest

from attention_vat.common.whole_file import written_whole


def test_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with written_whole(path) as file:
        file.write("first \ud800")
        assert not path.exists()
    assert path.read_text() == "first \\ud800"
    with pytest.raises(KeyboardInterrupt), written_whole(path) as file:
        file.write("second")
        raise KeyboardInterrupt
    assert path.read_text() == "first \\ud800"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]
