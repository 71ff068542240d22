"""The page and the answers to its requests."""

from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.templates import render
from attention_vat.interpret.explanation import Explainer, Explanation
from attention_vat.plots import COLORS

if TYPE_CHECKING:
    from flask import Flask

# Host names that browsers on this machine use. Others come from pages that were made to point here.
LOCAL = ("127.0.0.1", "localhost")
# Each word is left out once, so that the cost is quadratic in the number of words.
MOST_WORDS = 400
_MOST_BYTES = 200_000


class Choice(NamedTuple):
    """
    A text that the page offers.

    # Parameters

    text : `str`
    query : `str`
        The second text of a pair, or an empty string.
    label : `str`
        The gold label, or an empty string.
    """

    text: str
    query: str = ""
    label: str = ""


def make_app(explainers: Sequence[Explainer], choices: Sequence[Choice] = ()) -> "Flask":
    """
    A WSGI application: `/` is the page, and `/explain` answers its requests.

    # Parameters

    explainers : `Sequence[Explainer]`
        The models, side by side.
    choices : `Sequence[Choice]`, optional
        Texts to pick from.

    Raises `ConfigurationError` if Flask is not installed.

    # Examples

        make_app(load_explainers(["output/vanilla", "output/ivat"])).test_client().get("/")
    """
    try:
        from flask import Flask, abort, request
    except ImportError as error:
        raise ConfigurationError(f"--serve needs Flask ({error}); run `pip install flask`.") from None

    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    pairs = any(explainer.takes_pairs for explainer in explainers)
    at_once = Lock()

    @app.before_request
    def only_from_here() -> None:
        if request.host.rsplit(":", 1)[0] not in LOCAL:
            abort(403)

    @app.get("/")
    def page() -> str:
        return render("serve/page.html.jinja", colors=COLORS, choices=choices, pairs=pairs, title="Attention")

    @app.post("/explain")
    def answer() -> Tuple[Dict[str, Any], int]:
        # A page of another origin cannot send JSON without a preflight request.
        content = request.get_json()
        try:
            text, query, shifts = _request_of(content)
            with at_once:
                found = [_explained(one, text, query, shifts) for one in explainers]
        except ConfigurationError as error:
            return {"error": str(error)}, 400
        return {"models": found}, 200

    return app


def _explained(explainer: Explainer, text: Any, query: str, shifts: Dict[str, Dict[int, float]]) -> Dict[str, Any]:
    explanation: Explanation = explainer.explain(explainer.inputs(text, query or None), shifts.get(explainer.name))
    movable = explainer.model.attention_decides
    return {**explanation._asdict(), "label": explanation.label, "movable": movable}


def _request_of(content: Any) -> Tuple[Any, str, Dict[str, Dict[int, float]]]:
    """Raises `ConfigurationError` if it is not what the page sends."""
    text = content.get("text") if isinstance(content, dict) else None
    words: Optional[List[Any]] = text.split() if isinstance(text, str) else text
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigurationError('A request needs a "text", a string or a list of words.')
    if not words:
        raise ConfigurationError("The text has no words; type some.")
    if len(words) > MOST_WORDS:
        raise ConfigurationError(f"The text has {len(words)} words; the page takes up to {MOST_WORDS}.")
    query, by_model = content.get("query") or "", content.get("shifts") or {}
    try:
        shifts = {
            str(model): {int(place): float(shift) for place, shift in some.items()} for model, some in by_model.items()
        }
    except (AttributeError, TypeError, ValueError):
        shifts = {"": {0: float("nan")}}
    if not isinstance(query, str) or not all(isfinite(shift) for some in shifts.values() for shift in some.values()):
        raise ConfigurationError('"query" must be a string, and "shifts" must be {model: {place: number}}.')
    return text, query, shifts
