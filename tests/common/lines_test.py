import bz2
import gzip
import io
import lzma
import zipfile

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.common.lines import Line, numbered_lines


@given(st.lists(st.text(max_size=5).map(lambda text: text.replace("\n", "")), max_size=6))
def test_each_line_is_where_it_says(texts):
    content = "\n".join(texts).encode()
    lines = list(numbered_lines(io.BytesIO(content), "data"))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for line, text in zip(lines, texts):
        assert content[line.offset :].split(b"\n")[0].decode() == text
        assert line.text.rstrip("\n") == (text.lstrip("\ufeff") if line.number == 1 else text)


def test_only_a_line_feed_ends_a_line():
    text = "\ufeffa\r\nb\rc\u2028d\x85e\n"
    assert list(numbered_lines(io.BytesIO(text.encode()), "data")) == [
        Line(1, 0, "a\r\n"),
        Line(2, 6, "b\rc\u2028d\x85e\n"),
    ]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_has_a_limit(end):
    content = f"abcd\n\nabcdé{end}".encode()
    assert len(list(numbered_lines(io.BytesIO(content), "data", longest=7))) == 3
    with pytest.raises(ConfigurationError, match="^data:3: has more than 5 bytes; cut or split"):
        list(numbered_lines(io.BytesIO(content), "data", longest=5))


@pytest.mark.parametrize("opener", [gzip.open, bz2.open, lzma.open])
def test_a_packed_line_that_would_fill_the_memory_is_not_read(opener, tmp_path):
    path = tmp_path / "data"
    with opener(path, "wb") as file:
        file.write(b"a\n" + b" " * 1_000_000)
    with opener(path, "rb") as file:
        with pytest.raises(ConfigurationError, match="^data:2: has more than 1,000 bytes"):
            list(numbered_lines(file, "data", longest=1000))
        assert file.tell() <= 1003


def test_a_line_of_another_encoding_is_named():
    for number in (1, 2, 30_000):
        content = "zwölf\n".encode() * (number - 1) + "zwölf\n".encode("latin-1") + b"\xff\n"
        with pytest.raises(ConfigurationError, match=rf"^data:{number}: is not UTF-8 text \(invalid"):
            list(numbered_lines(io.BytesIO(content), "data"))


def test_a_damaged_file_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as zipped:
        zipped.writestr("data", "a\n" * 9)
    content = (tmp_path / "data.zip").read_bytes().replace(b"a\na\n", b"a\nb\n")
    problem = pytest.raises(ConfigurationError, match=r"^data: cannot be read after line \d \(Bad CRC-32")
    with zipfile.ZipFile(io.BytesIO(content)) as zipped, zipped.open("data") as file, problem:
        list(numbered_lines(file, "data"))
