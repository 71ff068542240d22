import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import sources
from attention_vat.data.corpora.sources import Source, download

CONTENT = "first\nzwölf\n"


def in_directory(folder):
    (folder / "trees").mkdir()
    (folder / "trees" / "train.txt").write_text(CONTENT, encoding="utf-8")
    return folder


def packed_in_directory(opener, suffix):
    def make(folder):
        with opener(folder / f"train.txt{suffix}", "wt", encoding="utf-8") as file:
            file.write(CONTENT)
        return folder

    return make


def in_zip(folder):
    path = folder / "trees.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trees/train.txt", CONTENT)
        archive.writestr("__MACOSX/trees/train.txt", "shadow")
    return path


def in_tar(name, mode):
    def make(folder):
        (folder / "train.txt").write_text(CONTENT, encoding="utf-8")
        with tarfile.open(folder / name, mode) as archive:
            archive.add(folder / "train.txt", "trees/train.txt")
        return folder / name

    return make


def in_cache(folder):
    """What was downloaded lies under a name that tells nothing."""
    return in_zip(folder).rename(folder / "a1b2c3")


PLACES = {
    "directory": in_directory,
    "gz": packed_in_directory(gzip.open, ".gz"),
    "xz": packed_in_directory(lzma.open, ".xz"),
    "bz2": packed_in_directory(bz2.open, ".bz2"),
    "zip": in_zip,
    "tar": in_tar("trees.tar", "w"),
    "tar.xz": in_tar("trees.tar.xz", "w:xz"),
    "tgz": in_tar("trees.tgz", "w:gz"),
    "cache": in_cache,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_file_is_found_and_read_wherever_it_lies(place, tmp_path):
    source = Source(PLACES[place](tmp_path))
    lines = list(source.lines(source.find("train.txt")))
    assert [line for _, line in lines] == ["first", "zwölf"]
    assert [where.rsplit(":", 1)[1] for where, _ in lines] == ["1", "2"]
    assert all("train.txt" in where for where, _ in lines)


def test_a_single_file_is_a_source(tmp_path):
    path = tmp_path / "pool.txt"
    path.write_bytes(b"\xef\xbb\xbffirst\r\n\r\nsecond")
    source = Source(path)
    assert source.names() == ["pool.txt"]
    assert list(source.lines("pool.txt")) == [(f"{path}:1", "first"), (f"{path}:2", ""), (f"{path}:3", "second")]


def test_missing_source(tmp_path):
    with pytest.raises(ConfigurationError, match="nowhere: no such file or directory"):
        Source(tmp_path / "nowhere")


def test_missing_and_ambiguous_files(tmp_path):
    with pytest.raises(ConfigurationError, match="holds no train.txt"):
        Source(tmp_path).find("train.txt")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.txt").touch()
    with pytest.raises(ConfigurationError, match="more than once"):
        Source(tmp_path).find("train.txt")


def test_broken_archives_and_files(tmp_path):
    whole = in_zip(tmp_path).read_bytes()
    (tmp_path / "trees.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigurationError, match="is not a complete .zip archive"):
        Source(tmp_path / "trees.zip")

    packed = lzma.compress(b"a line\n" * 10000)
    (tmp_path / "train.txt.xz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ConfigurationError, match="train.txt.xz: cannot be read after line"):
        list(Source(tmp_path / "train.txt.xz").lines("train.txt.xz"))

    (tmp_path / "latin1.txt").write_bytes("fine\nzwölf\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="latin1.txt:2: is not UTF-8 text"):
        list(Source(tmp_path / "latin1.txt").lines("latin1.txt"))


def test_first_of_several_names(tmp_path):
    (tmp_path / "small.txt.gz").touch()
    assert Source(tmp_path).find("large.txt", "small.txt") == "small.txt.gz"
    (tmp_path / "large.txt").touch()
    assert Source(tmp_path).find("large.txt", "small.txt") == "large.txt"
    assert Source(tmp_path).holds("large.txt")
    assert not Source(tmp_path).holds("train.txt")


def test_first_of_several_folders(tmp_path):
    for name in ("en", "en-10k", "hn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.txt").touch()
    assert Source(tmp_path).find("train.txt", folders=("en-10k", "en")) == "en-10k/train.txt"
    assert Source(tmp_path).find("train.txt", folders=("fr", "en")) == "en/train.txt"
    with pytest.raises(ConfigurationError, match="holds train.txt more than once"):
        Source(tmp_path).find("train.txt", folders=("fr",))


@pytest.mark.parametrize("place", PLACES)
def test_walk_reads_each_file_once(place, tmp_path):
    path = PLACES[place](tmp_path)
    source = Source(path)
    wanted = [name for name in source.names() if "train.txt" in name]
    assert [name for name, _ in source.walk(wanted.__contains__)] == wanted
    assert [data.read().decode() for _, data in source.walk(wanted.__contains__)] == [CONTENT]
    assert [line for _, line in source.walk_lines(wanted.__contains__)] == ["first", "zwölf"]
    assert list(source.walk(lambda name: False)) == []


def test_walk_keeps_the_order_of_an_archive_and_unpacks(tmp_path):
    path = tmp_path / "shards.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("b.txt", b"B"), ("._b.txt", b"shadow"), ("a.txt.xz", lzma.compress(b"A"))):
            info = tarfile.TarInfo(f"shards/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    found = [(name, data.read()) for name, data in Source(path).walk(lambda name: True)]
    assert found == [("shards/b.txt", b"B"), ("shards/a.txt.xz", b"A")]


def test_walking_a_broken_archive(tmp_path):
    path = in_tar("trees.tgz", "w:gz")(tmp_path)
    source = Source(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ConfigurationError, match="trees.tgz.*: cannot be read"):
        list(source.walk_lines(lambda name: True))


def test_download_checks_the_content(tmp_path, monkeypatch):
    path = in_zip(tmp_path)
    monkeypatch.setattr(sources, "fetch", lambda url: str(path))
    url = "https://example.org/trees.zip"
    for kind in ("sha256", "md5"):
        right = hashlib.new(kind, path.read_bytes()).hexdigest()
        assert download(url, right).find("train.txt") == "trees/train.txt"
        with pytest.raises(ConfigurationError, match=f"not the published file .{kind} .*--source"):
            download(url, "0" * len(right))
    assert download(url, size=path.stat().st_size).find("train.txt") == "trees/train.txt"
    with pytest.raises(ConfigurationError, match="bytes, expected 7"):
        download(url, size=7)


@pytest.mark.parametrize("packed", [".gz", ".xz", ".bz2"])
def test_nothing_is_left_of_a_packed_file(tmp_path, packed):
    path = tmp_path / f"train.txt{packed}"
    path.write_bytes(b"")
    with pytest.raises(ConfigurationError, match=rf"train.txt{packed}: cannot be read \(it is empty\)"):
        list(Source(path).lines(path.name))


def test_the_checksum_of_a_packed_archive_is_compared(tmp_path):
    (tmp_path / "train.txt").write_text("a line\n" * 100)
    path = tmp_path / "source.tgz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / "train.txt", "train.txt")
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    for read in (lambda: Source(path).names(), lambda: list(Source(path).walk_lines(lambda _: True))):
        with pytest.raises(ConfigurationError, match="source.tgz: cannot be read .*CRC"):
            read()


def test_a_line_and_a_file_have_limits(tmp_path, monkeypatch):
    path = tmp_path / "train.txt.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(b"short\n" + b"a" * (2**26 + 1))
    with pytest.raises(ConfigurationError, match=r"train.txt.gz:2: has more than 67,108,864 bytes"):
        list(Source(path).lines(path.name))
    monkeypatch.setattr("attention_vat.data.corpora.sources.LONGEST_FILE", 100)
    with pytest.raises(ConfigurationError, match=r"train.txt.gz: has more than 100 bytes, too many for one text"):
        [Source(path).text(name, data) for name, data in Source(path).walk(lambda _: True)]


def test_archives_whose_headers_are_nonsense(tmp_path):
    path = tmp_path / "source.tar"
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 512
    path.write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + b"13 size=abc\n".ljust(512, b"\0") + bytes(10_240))
    with pytest.raises(ConfigurationError, match=r"source.tar: "):
        Source(path).find("train.txt")
