"""
Subcommand that makes the package a plugin of `allennlp` in every folder.
"""

import argparse
from os import PathLike
from pathlib import Path
from typing import Optional, Union

from allennlp.commands.subcommand import Subcommand
from allennlp.common import plugins
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import Output, add_output_options
from attention_vat.common.whole_file import written_whole

PACKAGE = "attention_vat"


@Subcommand.register("install-plugin")
class InstallPlugin(Subcommand):
    """The subcommand `install-plugin`."""

    requires_plugins = False

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = f"Add attention_vat to AllenNLP's plugin file of this user, {plugins.GLOBAL_PLUGINS_FILENAME}."
        subparser = parser.add_parser(
            self.name, description=description, help="Make `allennlp` find the package in every folder."
        )
        add_output_options(subparser, install_plugin_from_args)
        return subparser


def install_plugin_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `install-plugin`."""
    added = install_plugin()
    file = plugins.GLOBAL_PLUGINS_FILENAME
    output.answer(f"{PACKAGE} {'added to' if added else 'was in'} {file}", {"file": file, "added": added})


def install_plugin(file: Optional[Union[str, PathLike]] = None) -> bool:
    """
    Adds the line `attention_vat` to a file of plugins, whose other lines stay.

    # Parameters

    file : `Union[str, PathLike]`, optional (default = `~/.allennlp/plugins`)

    # Returns

    added : `bool`
        Whether it was missing.

    Raises `ConfigurationError` if the file cannot be read or written.
    """
    path = Path(plugins.GLOBAL_PLUGINS_FILENAME if file is None else file)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error}).") from error
    if PACKAGE in map(str.strip, text.splitlines()):
        return False
    with written_whole(path) as out:
        out.write(text if not text or text.endswith("\n") else text + "\n")
        out.write(PACKAGE + "\n")
    return True
