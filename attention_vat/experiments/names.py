"""The names of corpora, techniques and measures in tables."""

from typing import Dict, List, Sequence

from attention_vat.experiments.experiment import MODEL, SEMI_SUPERVISED, TRAINING
from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.published import metric_of
from attention_vat.interpret.measures import description_of

CORPORA = {
    "sst": "SST",
    "imdb": "IMDB",
    "ag_news": "AG News",
    "newsgroups": "20 Newsgroups",
    "movies": "Movies",
    "example": "Example",
    "cnn": "CNN",
    "snli": "SNLI",
    "multinli": "MultiNLI",
    "babi_1": "bAbI 1",
    "babi_2": "bAbI 2",
    "babi_3": "bAbI 3",
    "stsb": "STS-B",
    "wnut17": "WNUT-17",
    "dream": "DREAM",
}
OBJECTIVES = {"at": "AT", "iat": "iAT", "vat": "VAT", "ivat": "iVAT", "rp": "RP"}
TECHNIQUES = {
    "adversarial_self_attention": "ASA",
    "adversarial_self_attention_cell": "ASA, R a mean",
    "conicity": "Conicity",
    "freelb": "FreeLB",
    "masked_language_model": "MLM",
    "r_drop": "R-Drop",
    "random_attention_mask": "Random mask",
    "smart": "SMART",
}
LESS_IS_BETTER = ("loss", "mae")
STRATEGIES = {"random": "random", "bag_of_words": "near by bag of words", "mean_embedding": "near by mean embedding"}
UNLABELED_MARK = "†"


def corpus_name(corpus: str) -> str:
    """Returns the name of a corpus in tables."""
    name, transformer, rest = corpus.partition("_transformer")
    name = name if transformer and not rest else corpus
    return CORPORA.get(name, name.replace("_", " "))


def technique_name(technique: str) -> str:
    """
    # Examples

        technique_name("attention_ivat_semi_supervised")  # "Attention iVAT †"
    """
    plain = technique[: -len(SEMI_SUPERVISED)] if technique.endswith(SEMI_SUPERVISED) else technique
    name = " + ".join(map(_name_of_one, plain.split("+")))
    return f"{name} {UNLABELED_MARK}" if plain != technique else name


def _name_of_one(technique: str) -> str:
    first, *others = [OBJECTIVES.get(word, word) for word in technique.split("_")]
    return TECHNIQUES.get(technique, " ".join([first.capitalize(), *others]))


BASELINE = technique_name("vanilla")
"""The row of the plain model, which the others are compared with."""


def measure_name(measure: str, corpus: str) -> str:
    """
    # Examples

        measure_name("scores_accuracy@3", "sst")  # "Accuracy, perturbed attention scores, at 3"
    """
    name, _, place = metric_of(measure, corpus).partition("@")
    kind, _, own = name.partition("_")
    if kind in (MODEL, TRAINING):
        return own.replace("_", " ") + (" (training)" if kind == TRAINING else "")
    return description_of(name).title + (f", at {place}" if place else "")


def better(measure: str, corpus: str) -> int:
    """Returns 1 if more is better, -1 if less is better, 0 if the measure is neither good nor bad."""
    kind, _, own = metric_of(measure, corpus).partition("_")
    if kind == MODEL:
        return -1 if own in LESS_IS_BETTER else 1
    return description_of(metric_of(measure, corpus).partition("@")[0]).better


def row_names(cells: Sequence[Cell]) -> List[str]:
    """
    Names the row of each cell by its technique and whatever else distinguishes it from other cells of the same
    technique and corpus. A row can thus span several corpora with different amounts of unlabelled data.
    """
    groups: Dict[tuple, List[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.column, cell.technique, cell.part.variant), []).append(cell)
    names = []
    for cell in cells:
        others = groups[cell.column, cell.technique, cell.part.variant]
        strategies = {other.unlabeled and other.unlabeled.strategy for other in others}
        counts = {other.unlabeled and other.unlabeled.count for other in others}
        parts = [technique_name(cell.technique), *([cell.part.variant] if cell.part.variant else [])]
        if cell.unlabeled is not None and len(strategies) > 1:
            parts.append(STRATEGIES[cell.unlabeled.strategy])
        if cell.unlabeled is not None and len(counts) > 1:
            parts.append(f"{cell.unlabeled.count:,} sentences")
        if cell.epsilon is not None and len({other.epsilon for other in others}) > 1:
            parts.append(f"{cell.strength} = {cell.epsilon:g}")
        names.append(", ".join(parts))
    return names
