"""Called before anything else is imported, so that a missing AllenNLP is not a traceback from somewhere inside."""

import importlib.util
import sys


def require_allennlp() -> None:
    """
    Raises an `ImportError` that says which command installs AllenNLP, if it is missing. From Python 3.11 on pip cannot
    bring it: AllenNLP's metadata asks for a torch and a spaCy that were never built for these versions.
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
