"""
The command `attention-vat`: runs the subcommands of AllenNLP and of this package in any folder.

# Examples

    attention-vat make-dataset own --source reviews.csv --text-column review --label-column stars
    attention-vat train my.jsonnet -s output
    python -m attention_vat attention output/model.tar.gz "A film that works."
"""

import gc
import logging
import os
from typing import Any, Callable

import nltk

# Importing any part of the package imports all of it, so the subcommands are already registered here.
from allennlp.commands import main as allennlp_main
from allennlp.common.util import install_sigterm_handler

from attention_vat.common.replacing import in_place_of

NOT_OURS = ("allennlp.common.plugins", "filelock", "transformers.file_utils")


def main() -> None:
    """Runs a subcommand like `allennlp`, with the package as a plugin."""
    # The modules stay until the end, so no collection needs to scan them.
    gc.freeze()
    level = logging.DEBUG if os.environ.get("ALLENNLP_DEBUG") else os.environ.get("ALLENNLP_LOG_LEVEL", "INFO")
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", level=level)
    for name in NOT_OURS:
        logging.getLogger(name).setLevel(logging.WARNING)
    install_sigterm_handler()
    _do_not_download_at_start()
    allennlp_main(prog="attention-vat")


def _do_not_download_at_start() -> None:
    """
    allennlp-models asks NLTK for two resources on every start that does not find them, and NLTK reports each failure.
    Only its evaluation of NarrativeQA uses them.
    """

    @in_place_of("download", nltk)
    def download(original: Callable[..., Any], info_or_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        return info_or_id not in ("punkt", "wordnet") and original(info_or_id, *args, **kwargs)


if __name__ == "__main__":
    main()
