"""Starts the page."""

import logging
from itertools import islice
from os import PathLike
from typing import Callable, List, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from attention_vat.interpret.archives import check_is_file
from attention_vat.interpret.explanation import Explainer, load_explainers
from attention_vat.models.words import words_of
from attention_vat.serve.app import Choice, make_app

# Nobody picks from a longer list.
MOST_CHOICES = 1000


def serve(
    archives: Sequence[Union[str, PathLike]],
    data: Optional[str] = None,
    port: int = 8000,
    cuda_device: int = -1,
    overrides: str = "",
    started: Callable[[str], None] = print,
) -> None:
    """
    Serves a page on 127.0.0.1, where users type or pick texts and compare models side by side, until it is interrupted.
    No other machine can reach it.

    # Parameters

    archives : `Sequence[Union[str, PathLike]]`
    data : `str`, optional (default = `None`)
        A file with texts to pick from, in the format that the first model was trained on; the first 1,000 are offered.
    port : `int`, optional (default = `8000`)
        0 picks a free one.
    cuda_device, overrides
        See `load_attention_archive`.
    started : `Callable[[str], None]`, optional (default = `print`)
        Called with the address once the page can be opened.

    Raises `ConfigurationError` if Flask is missing, an archive or the data does not fit, or the port is taken.
    """
    if data is not None:
        check_is_file(data, "data file")
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port is {port}, but must be from 0 to 65535.")
    explainers = load_explainers(archives, cuda_device, overrides)
    app = make_app(explainers, [] if data is None else choices_of(explainers[0], data))
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        server = make_server("127.0.0.1", port, app, threaded=True)
    except (OSError, SystemExit) as error:  # werkzeug prints what is wrong, and exits
        raise ConfigurationError(f"Port {port} of 127.0.0.1 is taken; choose another one with --port.") from error
    with server:
        started(f"http://127.0.0.1:{server.server_port}/")
        try:
            server.serve_forever()
        except (KeyboardInterrupt, SigTermReceived):
            pass


def choices_of(explainer: Explainer, data: str) -> List[Choice]:
    """
    The first texts of a file.

    # Parameters

    explainer : `Explainer`
        Its reader reads the file.
    data : `str`

    Raises `ConfigurationError` if the reader refuses the file.
    """
    model, choices = explainer.model, []
    for instance in islice(explainer.predictor._dataset_reader.read(data), MOST_CHOICES):
        first, *others = [" ".join(words_of(instance, name)) for name in model.input_names if name in instance.fields]
        label = getattr(instance.fields.get("label"), "label", None)
        named = "" if label is None else model.label_names.get(str(label), str(label))
        choices.append(Choice(first, others[0] if others else "", named))
    return choices
