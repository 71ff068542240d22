"""Lines of data that nobody meant, through the readers and the file of sentences of `select-unlabeled`."""

import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.data.selection.sentence_file import SentenceFile, new_vocabulary
from tests.chaos.trials import kind

WORDS = "a film that is anything but dull don't it's U.S. 10km well-made naïve फिल्म ดีมาก الفِيلْمُ İyi 😀".split()  # noqa: SIM905
ODD = (  # noqa: SIM905
    "\ud83d \udc00 \\ud83d \r \n \r\n \v \f \x1c \x85 \u2028 \u2029 \0 \x7f \ufeff \ufe0f \u0301 \u200d \u00ad \u202e "
    "@@PADDING@@ @@UNKNOWN@@ @@NEWLINE@@ @start@ <br /> &amp; &#55357; ' \" \\ {} [] null NaN"
).split(" ")
VALUES: List[Any] = [None, True, False, 0, 1, -1, 0.5, 1e308, 10**300, "", "-", "-1", " ", [], {}, [""], [[]], [None]]
VALUES += [["a", 1], {"a": "b"}, [0, 1], ["1"], ["0", "1"], "1", "0", ["a\rb"], ["\ud800"], ["@@PADDING@@"], "\ud800"]
KEYS = "text tokens premise hypothesis label candidates rationale id metadata premise_tokens \ud800".split()  # noqa: SIM905
BYTES = (b"\r", b"\n", b"\r\n", b"\xff", b"\0", b"\xef\xbb\xbf", b"\xed\xa0\xbd", b'"', b"{", b"\\u", b"\\ud83d", b",")
PIECES = ("NaN", "-Infinity", "1e999", "9" * 5000, "[" * 2000, "[" * 400 + "]" * 400, '{"a":1,"a":2}', "01", "\t")


def some_words(rng: random.Random) -> Any:
    words = rng.choices(WORDS, k=rng.randrange(6))
    return words if rng.random() < 0.5 else " ".join(words)


def single(rng: random.Random) -> Dict[str, Any]:
    text = some_words(rng)
    line = {"text" if isinstance(text, str) else "tokens": text, "label": rng.choice("01")}
    return line if rng.random() < 0.5 else {"id": "x", **line}


def pair(rng: random.Random) -> Dict[str, Any]:
    line = {"premise": some_words(rng), "hypothesis": some_words(rng), "label": rng.choice("01")}
    return {**line, "candidates": ["0", "1"]}


def with_odd_values(rng: random.Random, line: Dict[str, Any]) -> Dict[str, Any]:
    """A line with one of its keys or values changed."""
    key = rng.choice(list(line))
    way, value = rng.randrange(4), line[key]
    if way == 0:
        return {**line, key: rng.choice(VALUES)}
    if way == 1:
        return {rng.choice(KEYS) if name == key else name: line[name] for name in line}
    if way == 2:
        return {**line, rng.choice(KEYS): rng.choice(VALUES)}
    if isinstance(value, list):
        place = rng.randrange(len(value) + 1)
        return {**line, key: [*value[:place], rng.choice(["", "a"]) + rng.choice(ODD), *value[place:]]}
    if not isinstance(value, str):
        return line
    place = rng.randrange(len(value) + 1)
    return {**line, key: value[:place] + rng.choice(ODD) + value[place:]}


def as_bytes(rng: random.Random, line: Dict[str, Any]) -> bytes:
    """A line as it is in a file, perhaps damaged there."""
    text = json.dumps(line, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.15:
        text = text[:-1] + f", {rng.choice(list(map(json.dumps, KEYS)))}: {rng.choice(PIECES)}" + "}"
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.choice((0, 0, 1, 3))):
        start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        way = rng.randrange(4)
        if way == 0 and start < len(content):
            content[start] ^= 1 << rng.randrange(8)
        elif way == 1:
            content[start:end] = b""
        elif way == 2:
            content[start:start] = content[start:end]
        else:
            content[start:start] = rng.choice(BYTES)
    return bytes(content)


def try_lines(
    rng: random.Random,
    directory: Path,
    good: Callable[[random.Random], Dict[str, Any]],
    read: Callable[[str], Iterable[Any]],
    strings: Callable[[Any], Iterable[str]],
) -> Optional[List[Any]]:
    """
    Puts an odd line between two good ones, and reads the file: what comes is whole, or a sentence with the line says
    what is wrong.
    """
    line = good(rng)
    for _ in range(rng.choice((1, 1, 2))):
        line = with_odd_values(rng, line)
    contents = [json.dumps(good(rng)).encode(), as_bytes(rng, line), json.dumps(good(rng)).encode()]
    path = directory / "data.jsonl"
    path.write_bytes(rng.choice((b"\n", b"\r\n")).join(contents[rng.randrange(2) :]))
    try:
        found = list(read(str(path)))
    except ConfigurationError as error:
        message = str(error)
        if not re.match(rf"{re.escape(str(path))}(:\d+)?: .", message) or len(message) > len(str(path)) + 300:
            raise AssertionError(f"says {message!r:.500} of {contents[1]!r:.500}") from error
        message.encode()
        return None
    for item in found:
        for string in strings(item):
            # What AllenNLP's vocabulary does when it is saved and loaded.
            saved = (string.replace("\n", "@@NEWLINE@@") + "\n").encode().decode()
            loaded = [line.replace("@@NEWLINE@@", "\n") for line in re.split(r"\n|\r\n", saved)[:-1]]
            if loaded != [string] or string in ("@@PADDING@@", "@@UNKNOWN@@"):
                raise AssertionError(f"{string!r} was read from {contents[1]!r:.500}")
    return found


def strings_of(instance: Any) -> Iterable[str]:
    counts: Any = defaultdict(lambda: defaultdict(int))
    instance.count_vocab_items(counts)
    return [string for namespace in counts.values() for string in namespace]


def try_instances(rng: random.Random, directory: Path, reader: Any, good: Callable[[random.Random], Any]) -> None:
    def read(path: str) -> Iterable[Any]:
        for instance in reader.read(path):
            reader.apply_token_indexers(instance)
            yield instance

    instances = try_lines(rng, directory, good, read, strings_of)
    if instances and rng.random() < 0.02:
        vocab = Vocabulary.from_instances(instances)
        vocab.save_to_files(str(directory / "vocabulary"))
        loaded = Vocabulary.from_files(str(directory / "vocabulary"))
        if loaded._token_to_index != vocab._token_to_index:
            raise AssertionError(f"{vocab._token_to_index} became {loaded._token_to_index}")
        for instance in instances:
            instance.index_fields(loaded)
            instance.as_tensor_dict(instance.get_padding_lengths())


SINGLE, PAIR = SingleSequenceReader(), PairSequenceReader()
# So that no trial has to load spaCy.
clean_words("words", keep_punctuation=True)


@kind("lines-single", "mutated lines of single texts", rounds=20_000, quick_rounds=150, seconds=2)
def single_lines(rng: random.Random, directory: Path) -> None:
    try_instances(rng, directory, SINGLE, single)


@kind("lines-pair", "mutated lines of pairs", rounds=20_000, quick_rounds=150, seconds=2)
def pair_lines(rng: random.Random, directory: Path) -> None:
    try_instances(rng, directory, PAIR, pair)


@kind("lines-sentences", "mutated lines of the sentences to select from", rounds=20_000, quick_rounds=150, seconds=2)
def sentence_lines(rng: random.Random, directory: Path) -> None:
    def read(path: str) -> Iterable[Any]:
        vocabulary = new_vocabulary()
        SentenceFile(path, vocabulary)
        return list(vocabulary)

    try_lines(rng, directory, single, read, lambda word: [word])


@kind("long-line", "a megabyte of one sign", rounds=300, quick_rounds=3, seconds=20)
def long_line(rng: random.Random, directory: Path) -> None:
    sign = rng.choice(
        [*")(!'\".,-_*/\\&<>;:?1aé😀\u0301\u200dฟ中\x7f", ")(", "a.", "'s", "<br", "&amp;", "http://", "US$", "a.b("]
    )
    text = sign * (1_000_000 // len(sign.encode()))
    for keep_punctuation in (False, True):
        words = clean_words(text, keep_punctuation)
        if sum(map(len, words)) > len(text) or (keep_punctuation and not words):
            raise AssertionError(f"{len(words)} words of {sign!r}")
    (directory / "data.jsonl").write_text(json.dumps({"text": text}, ensure_ascii=False), encoding="utf-8")
    if len(list(SINGLE.read(str(directory / "data.jsonl")))) != 1:
        raise AssertionError(f"a line of {sign!r} is not read")
