"""How close hidden states are to one another and to their words."""

from typing import Any, Dict, Optional, Sequence

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, mean_statistics, optional
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text
from attention_vat.models import AttentionClassifier
from attention_vat.nn.word_level import conicity, mean_over_words, tying_distances


@Measure.register("conicity")
class StateConicity(Measure):
    """
    How much the hidden states of a text point in the same direction, `1/m Σ_t |cos(h_t, mean_j h_j)|` (Mohankumar et
    al. 2020, Eq. 5): at 1 they are all alike, and attention can move without effect. Also `state_norm`, the mean of
    `‖h_t‖`, and, where states have the dimension of embeddings, `tying_distance`, the mean of `‖h_t − e_t‖`.

    Registered as a `Measure` with name "conicity".
    """

    descriptions = {
        "conicity": Description(
            "Conicity",
            "How much the states of a text point in the same direction (Mohankumar et al. 2020).",
            "Hidden states",
            better=-1,
        ),
        "state_norm": Description("Size of states", "Mean norm of a hidden state.", "Hidden states", (0.0, 10.0)),
        "tying_distance": Description(
            "Distance of states from words",
            "Mean distance of a hidden state from its embedding.",
            "Hidden states",
            (0.0, 10.0),
        ),
    }

    def obstacle(self, model: AttentionClassifier, texts: Sequence[Text]) -> Optional[str]:
        return no_states(model)

    def __call__(self, model: Any, batch: EvaluationBatch) -> Columns:
        states, mask = batch.clean.encoded.hidden, batch.clean.encoded.mask
        has_words = mask.any(dim=1)
        scores = {
            "conicity": optional(conicity(states, mask), has_words),
            "state_norm": optional(mean_over_words(states.norm(dim=2), mask), has_words),
        }
        words = batch.clean.embedded.words[:, : mask.size(1)]
        if words.shape == states.shape:
            distances = tying_distances(states, words, squared=False)
            scores["tying_distance"] = optional(mean_over_words(distances, mask), has_words)
        return Columns(scores=scores)

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, ["conicity", "state_norm", "tying_distance"])


def no_states(model: AttentionClassifier) -> Optional[str]:
    """Why the hidden states of a model cannot be measured, or `None` if they can."""
    if hasattr(model, "encoder"):
        return None
    return f"a {type(model).__name__} does not give hidden states of words"
