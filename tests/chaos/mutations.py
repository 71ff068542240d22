"""Lines and bytes that went wrong on their way, as hostile or broken programs hand them over."""

import json
import random
from typing import Any, Callable, List, Tuple

ODD_TEXTS = (
    *(
        "\x00",
        "\r",
        "\t",
        "\n",
        "\u2028",
        "\x85",
        "\x1c",
        "\ufeff",
        "\u200d",
        "\u202e",
        "\ud83d",
        "\udc00",
        "\U0001f600",
    ),
    *(
        "e\u0301",
        "\u0130",
        "ß",
        "\u0bb5",
        '"',
        "\\",
        "\\u12",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ":",
        " ",
        "'",
        "-",
        "~",
    ),
    *(
        "NaN",
        "-Infinity",
        "1e999",
        "null",
        "true",
        "0",
        "-1",
        "9" * 400,
        "@@PADDING@@",
        "@@UNKNOWN@@",
        "<br />",
        "&lt;",
    ),
)

ODD_VALUES: List[Any] = [
    *(None, True, False, 0, -1, 1, 2, 0.5, 1e308, float("nan"), float("inf"), 10**30, -(10**30)),
    *("", " ", "\x00", "\ud83d", "a\r", "@@PADDING@@", "a" * 2000, "!" * 2000),
    *([], {}, [[]], [None], [""], ["a", 1], [True], [[0, 1]], {"a": {}}, {"": None}, [{}], [[{}]], ["a"] * 500),
]


def mutate_line(rng: random.Random, line: str) -> str:
    """
    The line after one to four accidents. The same state of `rng` gives the same line.

    # Parameters

    rng : `random.Random`
    line : `str`
        Any text; in one that is a JSON object, values and keys are changed too.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        line = rng.choice(LINE_MUTATIONS)(rng, line)
    return line


def mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    """The bytes cut, changed, repeated or with others between them."""
    place = rng.randrange(len(data) + 1)
    length = rng.choice((1, 4, 64))
    noise = bytes(rng.randrange(256) for _ in range(length))
    return rng.choice(
        (
            data[:place],
            data[:place] + noise + data[place + length :],
            data[:place] + noise + data[place:],
            data[:place] + data[place + length :],
            data[:place] + data[max(0, place - length) :],
            b"\x00" * len(data),
            b"",
        )
    )


def _cut(rng: random.Random, line: str) -> str:
    return line[: rng.randrange(len(line) + 1)]


def _lose(rng: random.Random, line: str) -> str:
    start, end = _span(rng, line)
    return line[:start] + line[end:]


def _repeat(rng: random.Random, line: str) -> str:
    start, end = _span(rng, line)
    return line[:end] + line[start:end] * rng.choice((1, 2, 30)) + line[end:]


def _move(rng: random.Random, line: str) -> str:
    start, end = _span(rng, line)
    rest = line[:start] + line[end:]
    place = rng.randrange(len(rest) + 1)
    return rest[:place] + line[start:end] + rest[place:]


def _insert(rng: random.Random, line: str) -> str:
    place = rng.randrange(len(line) + 1)
    return line[:place] + rng.choice(ODD_TEXTS) * rng.choice((1, 1, 1, 2, 200)) + line[place:]


def _replace(rng: random.Random, line: str) -> str:
    start, end = _span(rng, line)
    return line[:start] + rng.choice(ODD_TEXTS) + line[end:]


def _nest(rng: random.Random, line: str) -> str:
    opening, closing = rng.choice(("[]", "()", "{}"))
    depth = rng.choice((1, 10, 2000))
    return opening * depth + line + closing * rng.choice((depth, depth - 1))


def _change_value(rng: random.Random, line: str) -> str:
    """A value anywhere in the object becomes another one, a key is lost, is new, or comes twice."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return _replace(rng, line)
    places: List[Callable[[random.Random], None]] = []
    _collect(content, places)
    if not places:
        return json.dumps(rng.choice(ODD_VALUES))
    rng.choice(places)(rng)
    text = json.dumps(content, ensure_ascii=rng.random() < 0.5)
    if isinstance(content, dict) and content and rng.random() < 0.1:
        text = f"{text[:-1]}, {json.dumps(rng.choice(list(content)))}: {json.dumps(rng.choice(ODD_VALUES))}}}"
    return text


def _collect(content: Any, places: List[Callable[[random.Random], None]]) -> None:
    if not isinstance(content, (dict, list)):
        return

    for key in list(content) if isinstance(content, dict) else range(len(content)):

        def change(rng: random.Random, content: Any = content, key: Any = key) -> None:
            content[key] = rng.choice(ODD_VALUES)

        def lose(rng: random.Random, content: Any = content, key: Any = key) -> None:
            del content[key]

        def double(rng: random.Random, content: Any = content, key: Any = key) -> None:
            if isinstance(content, list):
                content.insert(key, content[key])
            else:
                content[rng.choice(list(content))] = content[key]

        places += [change, change, change, lose, double]
        _collect(content[key], places)


def _span(rng: random.Random, line: str) -> Tuple[int, int]:
    start = rng.randrange(len(line) + 1)
    return start, min(len(line), start + rng.choice((1, 1, 2, 5, 20, 200)))


LINE_MUTATIONS = (_cut, _lose, _repeat, _move, _insert, _replace, _nest, *(_change_value,) * 4)
