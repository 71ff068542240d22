"""
The command `attention-vat`: the subcommands of AllenNLP and of this package, in any folder.

# Examples

    attention-vat make-dataset own --source reviews.csv --text-column review --label-column stars
    attention-vat train my.jsonnet -s output
    python -m attention_vat attention output/model.tar.gz "A film that works."
"""

import logging
import os

# Importing any part of the package imports all of it, so that the subcommands are registered by now.
from allennlp.commands import main as allennlp_main
from allennlp.common.util import install_sigterm_handler

NOT_OURS = ("allennlp.common.plugins", "filelock", "transformers.file_utils")


def main() -> None:
    """Runs a subcommand as `allennlp` does, with the package as a plugin."""
    level = logging.DEBUG if os.environ.get("ALLENNLP_DEBUG") else os.environ.get("ALLENNLP_LOG_LEVEL", "INFO")
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", level=level)
    for name in NOT_OURS:
        logging.getLogger(name).setLevel(logging.WARNING)
    install_sigterm_handler()
    allennlp_main(prog="attention-vat")


if __name__ == "__main__":
    main()
