"""
Subcommand that writes the folder of a Hugging Face encoder.
"""

import argparse

from allennlp.commands.subcommand import Subcommand

from attention_vat.commands.output import Output, add_output_options
from attention_vat.common.encoder_folder import PACKAGED, make_encoder


@Subcommand.register("make-encoder")
class MakeEncoder(Subcommand):
    """The subcommand `make-encoder`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Write the folder of a Hugging Face encoder from a Python package, or from a model that was trained."
        )
        subparser = parser.add_parser(self.name, description=description, help="Write the folder of an encoder.")
        names = ", ".join(PACKAGED)
        subparser.add_argument("source", type=str, help=f"the encoder: {names}, or the archive of a trained model")
        subparser.add_argument("-o", "--output-dir", type=str, help="folder to write (default = encoders/NAME)")
        add_output_options(subparser, make_encoder_from_args)
        return subparser


def make_encoder_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `make-encoder`."""
    folder = make_encoder(args.source, args.output_dir)
    output.answer(f"written to {folder}", {"output_dir": str(folder)})
