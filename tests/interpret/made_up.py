"""Instances for small models, and evaluations without a model."""

import random
from typing import Any, List, Optional, Sequence

from allennlp.data import Instance, Token
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from attention_vat.interpret.bootstrap import estimates
from attention_vat.interpret.evaluation import AttentionEvaluation, SentenceEvaluation
from attention_vat.interpret.statistics import data_set_statistics

INDEXERS = {"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}


def instance(words: Sequence[str], label: Optional[str] = None, **metadata: Any) -> Instance:
    fields = {"tokens": TextField([Token(word) for word in words], INDEXERS)}
    if label is not None:
        fields["label"] = LabelField(label)
    return Instance({**fields, "metadata": MetadataField({"tokens": list(words), **metadata})})


def instances(number: int = 12, num_labels: int = 2, rationales: bool = False, seed: int = 0) -> List[Instance]:
    rng = random.Random(seed)
    made = []
    for index in range(number):
        words = [f"w{rng.randrange(30)}" for _ in range(rng.randrange(1, 12))]
        metadata = {"rationale": [int(rng.random() < 0.3) for _ in words]} if rationales else {}
        made.append(instance(words, str(rng.randrange(num_labels)), id=f"s{index}", **metadata))
    return made


def sentence(**kwargs: Any) -> SentenceEvaluation:
    defaults = {
        "id": "1",
        "tokens": ["good", "film"],
        "label": "1",
        "prediction": "1",
        "probs": [0.1, 0.9],
        "attention": [0.75, 0.25],
        "importance": [0.02, 0.01],
        "importance_attention_constant": [0.02, 0.01],
    }
    return SentenceEvaluation(**{**defaults, **kwargs})


def evaluation(sentences: Sequence[SentenceEvaluation], labels: Sequence[str] = ("0", "1")) -> AttentionEvaluation:
    settings = {
        "importance": "gradient_x_input",
        "output": "probability",
        "rationale_fraction": None,
        "iou_threshold": 0.5,
        "resamples": 50,
        "seed": 0,
    }
    positive = labels[-1] if len(labels) == 2 else None
    metrics = estimates(data_set_statistics(sentences, labels, positive), 50, 0)
    return AttentionEvaluation(list(labels), positive, list(sentences), metrics, settings)


def evaluations(number: int = 40, seed: int = 0) -> List[AttentionEvaluation]:
    """Two models on the same sentences of words such as `w7`."""
    rng = random.Random(seed)
    rows: List[List[SentenceEvaluation]] = [[], []]
    for index in range(number):
        words = [f"w{rng.randrange(20)}" for _ in range(rng.randrange(1, 15))]
        label = rng.choice("01")
        rationale = [int(rng.random() < 0.3) for _ in words] if index % 3 == 0 else None
        for row in rows:
            weights = [rng.random() ** 3 + 1e-3 for _ in words]
            prob = rng.random()
            row.append(
                sentence(
                    id=f"s{index}",
                    tokens=words,
                    label=label,
                    prediction=str(int(prob > 0.5)),
                    probs=[1 - prob, prob],
                    attention=[weight / sum(weights) for weight in weights],
                    importance=[rng.random() for _ in words],
                    rationale=rationale,
                    scores={"pearson": rng.uniform(-1, 1) if len(words) > 2 else None},
                )
            )
    return [evaluation(row) for row in rows]
