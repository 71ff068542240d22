"""What a page of the documentation tells its readers to type, in its order."""

import re
import shlex
from pathlib import Path
from typing import Iterator, List, NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [
    *("README.md", "CONTRIBUTING.md", "RELEASE.md"),
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
    *sorted(f"docs/tutorials/{path.name}" for path in (ROOT / "docs" / "tutorials").glob("*.md")),
]

# What a line that is typed begins with, after environment variables.
_COMMAND = re.compile(r"(\w+=\S* )*(\S*/)?(allennlp|make|pip|python|echo|export|ray|mkdir|git|tensorboard)\s")
_SAVED = re.compile(r"Save\s+this\s+as\s+`([\w./-]+)`:$")
_INLINE = re.compile(r"`((?:\w+=\S+ )*(?:allennlp|make|pip|python -m)\s[^`]+)`")


class Block(NamedTuple):
    """
    A piece of code. The language is that of its fence; `indented` and `inline` for code without a fence. The `file` is
    where its readers save it, if the line above a fence says so: "Save this as `NAME`:".
    """

    page: str
    line: int
    language: str
    text: str
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


class Command(NamedTuple):
    """A line that is typed, with those that continue it; `words` as the shell splits it."""

    block: Block
    line: int
    text: str
    words: List[str]

    @property
    def place(self) -> str:
        return f"{self.block.page}:{self.line}"


def blocks_of(page: str, text: str) -> List[Block]:
    """All code of a page: fenced, indented, and commands in the running text."""
    blocks, prose = [], []
    lines = [*text.splitlines(), ""]
    number = 0
    while number < len(lines):
        line, start = lines[number], number + 1
        if line.startswith("```"):
            end = next(later for later in range(start, len(lines)) if lines[later] == "```")
            saved = _SAVED.search("\n".join(lines[:number]).rstrip())
            text = "\n".join(lines[start:end])
            blocks.append(Block(page, start + 1, line[3:], text, saved.group(1) if saved else ""))
            number = end + 1
        elif line.startswith("    ") and not lines[number - 1].strip():
            end = next(later for later in range(number, len(lines)) if not lines[later].startswith("    "))
            blocks.append(Block(page, start, "indented", "\n".join(each[4:] for each in lines[number:end])))
            number = end
        else:
            prose.append((start, line))
            number += 1
    running, offsets = "", []
    for start, line in prose:
        offsets.append((len(running), start))
        running += line + "\n"
    for found in _INLINE.finditer(running):
        start = max(line for offset, line in offsets if offset <= found.start())
        blocks.append(Block(page, start, "inline", found.group(1).replace("\n", " ")))
    return sorted(blocks, key=lambda block: block.line)


def commands_of(block: Block) -> Iterator[Command]:
    """
    The commands of a block; nothing if it shows something else.

    Raises `ValueError` if only a part of it are commands.
    """
    first = block.text.split("\n", 1)[0] + " "
    if block.language == "inline":
        yield Command(block, block.line, block.text, shlex.split(block.text))
    elif block.language == "bash" or first.startswith("--") or _COMMAND.match(first):
        typed: List[str] = []
        for number, line in enumerate(block.text.split("\n"), start=block.line):
            typed.append(line)
            text = "\n".join(typed).replace("\\\n", " ")
            try:
                words = shlex.split(text, comments=True)
            except ValueError:  # a quotation or the command goes on in the next line
                continue
            place = number - len(typed) + 1
            if words and not (_COMMAND.match(text + " ") or text.startswith("--")):
                raise ValueError(f"{block.page}:{place}: is no command that is known: {text}")
            if words:
                yield Command(block, place, text, words)
            typed = []
        if typed:
            raise ValueError(f"{block.page}:{block.line}: the last command does not end")
