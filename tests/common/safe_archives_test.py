import gzip
import io
import json
import os
import random
import tarfile

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, Vocabulary
from allennlp.models import Model
from allennlp.models.archival import archive_model, load_archive

from attention_vat.common.safe_archives import check_finite, unpack
from tests.chaos.archives import COMMANDS, HOSTILE, ZEROS, hostile_archive, member, refusal, watched
from tests.commands.evaluate_attention_test import make_archive

WORDS = {
    "a path that leads out": "refused: its member '../../outside/file' points outside the archive.",
    "an absolute path": "/outside/file' points outside the archive.",
    "a file behind a symbolic link": "refused: its member 'vocabulary/link' is neither a file nor a folder.",
    "a hard link to a file outside": "/outside/a' points outside the archive.",
    "a pipe": "refused: its member 'vocabulary/pipe.txt' is neither a file nor a folder.",
    "a bomb": "refused: it unpacks to more than 100,000,000 bytes",
    "a part twice": "config.json",
    "code in the weights": "asks for posix.mkdir, which no weights need",
    "weights that are not numbers": "contain NaN or infinite values",
    "a configuration that reads files": "is not the JSON that `allennlp train` writes",
    "a type that runs a program": "asks for 'subprocess.Popen' as a Tokenizer, which no imported package has",
}


def test_all_hostile_archives_have_their_words():
    assert set(WORDS) == set(HOSTILE)


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_archives_are_refused(tmp_path, what):
    with watched(tmp_path) as outside, pytest.raises(ConfigurationError) as refused:
        load_archive(hostile_archive(what, tmp_path, outside, random.Random(0)))
    assert WORDS[what] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("command", "what"), zip(COMMANDS, [*HOSTILE[:1], *HOSTILE[-4:-1]]))
def test_commands_refuse_hostile_archives_in_a_sentence(tmp_path, what, command):
    with watched(tmp_path) as outside:
        message = refusal(command, hostile_archive(what, tmp_path, outside, random.Random(0)), tmp_path)
    assert WORDS[what] in message
    assert "\n" not in message


def test_what_belongs_to_an_archive_is_unpacked_and_the_rest_left_out(tmp_path, caplog):
    parts = make_archive(tmp_path / "run", 0).parent
    config = json.loads((parts / "config.json").read_text())
    Params({**config, "include_in_archive": ["more/*.txt", "copy.th", "logs"]}).to_file(str(parts / "config.json"))
    for name in ("more/a.txt", "more/a.log", "logs/b", "out.log"):
        (parts / name).parent.mkdir(exist_ok=True)
        (parts / name).write_text(name)
    os.link(parts / "weights.th", parts / "copy.th")  # as AllenNLP makes best.th
    archive_model(parts, "weights.th", include_in_archive=["more/*", "copy.th", "logs", "out.log"])
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    unpack(parts / "model.tar.gz", unpacked)
    names = sorted(path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file())
    assert [name for name in names if not name.startswith("vocabulary")] == [
        *("config.json", "copy.th", "logs/b", "more/a.txt", "weights.th"),
    ]
    assert (unpacked / "copy.th").read_bytes() == (parts / "weights.th").read_bytes()
    assert "Skipping 'out.log', which does not belong in an archive" in caplog.text
    assert "Skipping 'more/a.log'" in caplog.text


@pytest.mark.parametrize("place", [0.3, 0.7, -6])
def test_a_changed_byte_anywhere_is_refused(tmp_path, place):
    path = make_archive(tmp_path / "run", 0)
    content = bytearray(path.read_bytes())
    content[int(place * len(content)) if place > 0 else place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_archive(path)


def test_an_archive_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match="model.tar.gz: there is no such archive or directory"):
        load_archive(tmp_path / "model.tar.gz")


def test_the_weights_of_an_intact_archive_are_checked_too(tmp_path):
    path = make_archive(tmp_path / "run", 0)
    weights = path.parent / "weights.th"
    content = bytearray(weights.read_bytes())
    place = content.index(max(torch.load(weights).values(), key=torch.numel).numpy().tobytes()) + 20
    content[place : place + 64] = bytes(64)
    weights.write_bytes(content)
    with tarfile.open(path, "w:gz") as archive:
        for name in ("config.json", "weights.th", "vocabulary"):
            archive.add(path.parent / name, name)
    for place in (path, path.parent):  # packed, and as a directory
        with pytest.raises(ConfigurationError, match="is damaged"):
            load_archive(place)


def test_what_stands_behind_the_archive_counts_too(tmp_path):
    path = make_archive(tmp_path / "run", 0)
    with open(path, "ab") as file:
        file.write(gzip.compress(bytes(ZEROS), 1))
    with pytest.raises(ConfigurationError, match="unpacks to more than 100,000,000 bytes"):
        load_archive(path)


def test_the_limit_can_be_set(tmp_path, monkeypatch):
    path = make_archive(tmp_path / "run", 0)
    monkeypatch.setenv("ATTENTION_VAT_MAX_UNPACKED_BYTES", "1000")
    with pytest.raises(ConfigurationError, match="more than 1,000 bytes; if you trust its source, set"):
        load_archive(path)
    monkeypatch.setenv("ATTENTION_VAT_MAX_UNPACKED_BYTES", "1 GB")
    with pytest.raises(ConfigurationError, match="must be a number of bytes, not '1 GB'"):
        load_archive(path)
    monkeypatch.setenv("ATTENTION_VAT_MAX_UNPACKED_BYTES", "1000000")
    load_archive(path)


@pytest.mark.parametrize("size", [8 * 10**9, -1024])
def test_headers_that_lie_about_sizes(tmp_path, size):
    header = member("vocabulary/a.txt", size=size).tobuf(tarfile.GNU_FORMAT)
    long_name = member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=size).tobuf(tarfile.GNU_FORMAT)
    for content in (header, long_name, long_name * 3000):
        path = tmp_path / "model.tar.gz"
        path.write_bytes(gzip.compress(content + bytes(20_000), 1))
        with pytest.raises(ConfigurationError, match=r"model\.tar\.gz (cannot be read|is refused)"):
            load_archive(path)


def changed(tmp_path, **changes):
    """A directory, as `allennlp train` leaves it, with other values in its configuration."""
    parts = make_archive(tmp_path / "run", 0).parent
    config = json.loads((parts / "config.json").read_text())
    (parts / "config.json").write_text(json.dumps({**config, **changes}))
    return parts


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset_reader": {"type": "this.Reader"}}, "asks for 'this.Reader' as a DatasetReader"),
        ({"dataset_reader": {"type": "single_sequence", "tokenizer": "os.system"}}, "asks for 'os.system' as a Token"),
        ({"vocabulary": {"type": "subprocess.Popen"}}, "asks for 'subprocess.Popen' as a Vocabulary"),
        ({"model": {"type": "pathlib.Path"}}, "asks for 'pathlib.Path' as a Model"),
        (
            {"more": {"transformer_kwargs": {"trust_remote_code": True}}},
            'sets "trust_remote_code", which archives may',
        ),
        ({"dataset_reader": None}, 'has no "dataset_reader"'),
        ({"more": json.loads("[" * 200 + "]" * 200)}, "nested too deeply"),
        ({"more": float("nan")}, r"is not the JSON that `allennlp train` writes \(NaN is not valid JSON\)"),
    ],
)
def test_configurations_that_ask_for_more_than_an_archive_may(tmp_path, changes, message):
    with pytest.raises(ConfigurationError, match=message):
        load_archive(changed(tmp_path, **changes))


def test_what_commands_build_after_loading_is_refused_too(tmp_path):
    archive = load_archive(changed(tmp_path, data_loader={"type": "subprocess.Popen", "args": ["true"]}))
    with pytest.raises(ConfigurationError, match="asks for 'subprocess.Popen' as a DataLoader"):
        DataLoader.from_params(archive.config["data_loader"])


def test_overrides_are_trusted(tmp_path):
    parts = changed(tmp_path, more={"trust_remote_code": True})
    load_archive(parts, overrides={"more.trust_remote_code": False})
    overridden = load_archive(parts, overrides='{"more.trust_remote_code": 1 > 2}')
    assert overridden.config["more"]["trust_remote_code"] is False


def test_parts_of_imported_packages_may_be_named_in_full(tmp_path):
    name = "attention_vat.data.dataset_readers.single_sequence.SingleSequenceReader"
    archive = load_archive(changed(tmp_path, dataset_reader={"type": name}))
    assert type(archive.dataset_reader).__name__ == "SingleSequenceReader"


def test_a_configuration_of_ones_own_may_name_what_it_likes(tmp_path):
    with pytest.raises(ConfigurationError):
        load_archive(changed(tmp_path, dataset_reader={"type": "collections.Counter"}))
    own, _ = Vocabulary.resolve_class_name("collections.OrderedDict")
    assert own.__name__ == "OrderedDict"


def test_an_archive_that_is_made_of_itself(tmp_path):
    parts = changed(tmp_path, model={"type": "from_archive", "archive_file": str(tmp_path / "run")})
    with pytest.raises(ConfigurationError, match="refers to itself"):
        load_archive(parts)


def test_archives_of_archives(tmp_path):
    base = make_archive(tmp_path / "base", 0)
    parts = changed(tmp_path, model={"type": "from_archive", "archive_file": str(base)})
    assert isinstance(load_archive(parts).model, Model)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version": 2}', '{"version": "2.10.1", "more": 1}', '{"version": "2"}']
)
def test_what_stands_in_meta(tmp_path, content):
    parts = make_archive(tmp_path / "run", 0).parent
    (parts / "meta.json").write_text(content)
    with pytest.raises(ConfigurationError, match=r"meta\.json: (is not|must be)"):
        load_archive(parts)


def test_a_pipe_in_a_directory_is_not_waited_for(tmp_path):
    parts = make_archive(tmp_path / "run", 0).parent
    os.mkfifo(parts / "vocabulary" / "pipe.txt")
    with pytest.raises(ConfigurationError, match=r"pipe\.txt: is not a file; a vocabulary holds only regular files"):
        load_archive(parts)
    (parts / "config.json").unlink()
    os.mkfifo(parts / "config.json")
    with pytest.raises(ConfigurationError, match="is a pipe"):
        load_archive(parts)


def test_buffers_may_be_infinite_but_weights_not(tmp_path):
    module = torch.nn.Linear(1, 1)
    module.register_buffer("mask", torch.tensor([float("-inf")]))
    check_finite(module)
    module.bias.data[0] = float("inf")
    with pytest.raises(ConfigurationError, match="The weights bias contain NaN or infinite values"):
        check_finite(module)


def test_whether_a_stream_is_read_as_a_whole(tmp_path):
    """Parts in any order, as other programs pack them, and with `./` before their names."""
    parts = make_archive(tmp_path / "run", 0).parent
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        for name in ("weights.th", "vocabulary", "config.json"):
            archive.add(parts / name, arcname=f"./{name}")
        archive.addfile(member("meta.json", size=21), io.BytesIO(b'{"version": "2.10.1"}'))
    assert load_archive(tmp_path / "model.tar.gz").meta.version == "2.10.1"


def test_parts_that_do_not_fit_are_a_sentence(tmp_path):
    parts = make_archive(tmp_path / "run", 0).parent
    (parts / "vocabulary" / "tokens.txt").write_bytes(b"z\xe9ro")
    with pytest.raises(ConfigurationError, match="^The archive cannot be built: UnicodeDecodeError"):
        load_archive(parts)
    (parts / "vocabulary" / "tokens.txt").write_text("@@UNKNOWN@@\nzero")
    with pytest.raises(
        ConfigurationError, match="^The archive cannot be built: RuntimeError: .*size mismatch"
    ) as raised:
        load_archive(parts)
    assert "\n" not in str(raised.value)
