"""The options `--quiet` and `--json` of all subcommands, and the one place that prints for them."""

import argparse
import json
import logging
import os
import sys
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from attention_vat.common.plain_json import dumps

JSON_HELP = "print the result as one JSON object, and nothing else, on standard output"
THE_SAME_COMMAND = "the same command continues"


class Output:
    """
    What a subcommand prints: text for people, an object for programs, or nothing. Errors are always printed.

    # Parameters

    quiet : `bool`, optional (default = `False`)
        Print no text.
    json : `bool`, optional (default = `False`)
        Print the object instead of the text, also with `quiet`.
    command : `str`, optional (default = `"attention-vat"`)
        What errors begin with.

    # Examples

        >>> Output(json=True).answer("written to data/example", {"sentences": 3, "mean_words": float("nan")})
        {"sentences": 3, "mean_words": null}
    """

    def __init__(self, quiet: bool = False, json: bool = False, command: str = "attention-vat") -> None:
        self.quiet = quiet
        self.json = json
        self.command = command
        # The streams of the process, since `alone` redirects those of `sys`.
        self._stdout, self._stderr = sys.stdout, sys.stderr

    def answer(self, text: str, content: Union[Dict[str, Any], Path]) -> None:
        """
        Prints a result. Numbers that are not finite are `null` in the object, whose text is ASCII for any terminal.

        # Parameters

        text : `str`
            What people read; nothing is printed if it is empty.
        content : `Union[Dict[str, Any], Path]`
            The object, or the JSON file that holds it, which is read with `json` only.
        """
        if self.json:
            found = json.loads(content.read_text(encoding="utf-8")) if isinstance(content, Path) else content
            # `dumps` keeps letters that a terminal may lack; `json.dumps` escapes them.
            print(json.dumps(json.loads(dumps(found))), file=self._stdout, flush=True)
        elif text and not self.quiet:
            print(text, file=self._stdout, flush=True)

    def error(self, message: str) -> None:
        """Prints an error after which the work continues. An error that ends the work is raised instead."""
        print(f"{self.command}: {message}", file=self._stderr, flush=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        Within it nothing else reaches standard output with `quiet` or `json`; with `quiet` no warning, no progress bar
        and no log message below an error reaches standard error.
        """
        level = logging.root.manager.disable
        with ExitStack() as stack:
            nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
            if self.quiet or self.json:
                stack.enter_context(redirect_stdout(nowhere))
            if self.quiet:
                stack.enter_context(redirect_stderr(nowhere))
                stack.callback(logging.disable, level)
                logging.disable(max(level, logging.WARNING))
            yield


def add_output_options(
    subparser: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace, Output], None],
    json_help: str = JSON_HELP,
    resume: str = "",
) -> None:
    """
    Adds `--quiet` and `--json` to a subcommand and makes it run a function. A `ConfigurationError` and an interruption
    end the process with one sentence that begins with the name of the command.

    # Parameters

    subparser : `argparse.ArgumentParser`
    run : `Callable[[argparse.Namespace, Output], None]`
        The subcommand. It prints by the `Output` that it is given, and raises errors.
    json_help : `str`, optional
    resume : `str`, optional
        How an interrupted command is continued.
    """
    subparser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    subparser.add_argument("--json", action="store_true", help=json_help)
    subparser.set_defaults(func=partial(_run, run, subparser.prog, resume))


def _run(
    run: Callable[[argparse.Namespace, Output], None], command: str, resume: str, args: argparse.Namespace
) -> None:
    output = Output(args.quiet, args.json, command)
    try:
        with output.alone():
            run(args, output)
    except ConfigurationError as error:
        sys.exit(f"{command}: {error}")
    except (KeyboardInterrupt, SigTermReceived):
        sys.exit("; ".join(filter(None, [f"{command}: interrupted", resume])) + ".")
    except BrokenPipeError:
        # The reader has left, as `head` does. The rest of the buffer, flushed at exit, must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
