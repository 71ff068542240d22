"""A reader who does in a clone all that a page says, and notes what does not work."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, List
from unittest import mock

from tests.docs import shown, typed
from tests.docs.pages import Command, blocks_of, commands_of

# What stands for something of the reader's own, and what it is in the clone.
PLACEHOLDERS = {
    r"\bARCHIVE\b|\bMODEL\b(\.\.\.)?|\bOTHERS\b": "mine/text/model.tar.gz",
    r"\bPAIR_ARCHIVE\b": "mine/pairs/model.tar.gz",
    r"\bOUTPUT\b": "output/placeholder",
    r"\bCONFIG\b": "training_configs/sst/attention_ivat.jsonnet",
    r"\bCORPUS\b": "sst",
    r"\bTECHNIQUE\b": "vanilla",
    r"\bNAME\b": "example",
    r"\bDATA\b": "data",
    r"_eN_": "_e1_",
    r"\bN\b": "1",
    r"(?<![\w.$])/(corpora|data)\b": "data",
    r"<[^<>\n]+>": "theirs",
    r"\[(--[^\]]+)\]": r"\1",  # may be left out
}
# Programs of others.
_OF_OTHERS = ("export", "ray", "git", "mkdir", "tensorboard")
_PROGRAMS: Dict[str, Callable[[List[str]], None]] = {
    "allennlp": typed.allennlp,
    "make": typed.make,
    "python": typed.python,
    "pip": typed.pip,
}


class Reader:
    """
    Follows pages in the working directory, which is a clone.

    # Parameters

    page : `str`
    text : `str`
        The page.
    """

    def __init__(self, page: str, text: str) -> None:
        self.blocks = [block._replace(text=fill(block.text)) for block in blocks_of(page, text)]
        self.before: Dict[str, List[str]] = {}

    def follow(self) -> List[str]:
        """What does not work: the place, the command or the language, the error."""
        failures = []
        for block in self.blocks:
            if block.file:
                Path(block.file).write_text(block.text, encoding="utf-8")
            try:
                commands = list(commands_of(block))
                if not commands and block.language in shown.LANGUAGES:
                    shown.LANGUAGES[block.language](block)
                elif not commands and block.language not in ("indented", "text"):
                    raise ValueError(f"a block of code is {', '.join([*shown.LANGUAGES, 'bash or text'])}")
            except Exception as error:
                failures.append(f"{block.place}: {block.language or 'no language'}: {_said(error)}")
                continue
            for command in commands:
                try:
                    self.type(command)
                except (Exception, SystemExit) as error:
                    failures.append(f"{command.place}: {command.text.strip()}\n    {_said(error)}")
        return failures

    def type(self, command: Command) -> None:
        """Does what a command says, or as much of it as is cheap."""
        words = list(command.words)
        while "=" in words[0].partition("/")[0]:
            del words[0]  # environment variables
        if words[0].startswith("--"):  # options that the command before takes as well
            words = [*self.before["allennlp"], *words, "--force"]
        program, arguments = words[0].rpartition("/")[2], words[1:]
        if program in _OF_OTHERS:
            return
        if program == "echo":
            subprocess.run(command.text, shell=True, check=True)
        elif command.block.language == "inline" and all(word.startswith("-") for word in arguments[1:]):
            _check_name(program, arguments)
        elif program == "python" and arguments[0].startswith("rationale_benchmark/"):
            return
        else:
            if "…" in arguments:
                # The same as before with other options.
                before = self.before[f"{program} {arguments[0]}"]
                arguments = [*before[1:], *arguments[arguments.index("…") + 1 :]]
            self.before[program] = self.before[f"{program} {arguments[0]}"] = [program, *arguments]
            stdin = "/dev/null"
            if "<" in arguments:
                stdin = arguments[-1]
                arguments = arguments[:-2]
            with open(stdin, encoding="utf-8") as file, mock.patch.object(sys, "stdin", file):
                _PROGRAMS[program](arguments)


def fill(text: str) -> str:
    for pattern, value in PLACEHOLDERS.items():
        text = re.sub(pattern, value, text)
    return text.replace("$PWD", os.getcwd())


def _check_name(program: str, arguments: List[str]) -> None:
    """Running text may name a command without its arguments."""
    if program == "allennlp":
        typed.check_name(arguments[0], arguments[1:])
    elif program == "make":
        typed.make(arguments)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if not isinstance(error, SystemExit) else str(error)
