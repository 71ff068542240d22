"""Checks for AllenNLP before any other import, so that its absence gives a clear error instead of a traceback."""

import importlib.util
import sys


def require_allennlp() -> None:
    """
    Raises an `ImportError` with the command that installs AllenNLP if it is missing. From Python 3.11 on plain pip
    cannot install it: its metadata requires versions of torch and spaCy that were never built for these versions.
    """
    if importlib.util.find_spec("allennlp") is not None:
        return
    if sys.version_info < (3, 11):
        remedy = "`pip install allennlp==2.10.1 'numpy<2' 'typing-extensions<4.6'`"
    else:
        remedy = (
            "`pip install torch==2.13.0` and then `pip install --no-deps -r requirements/modern.txt`, a file of the "
            "attention-vat repository"
        )
    raise ImportError(f"attention_vat needs AllenNLP 2.10.1, which is not installed: run {remedy}.")
