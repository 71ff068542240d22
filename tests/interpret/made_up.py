"""Instances for small models, and evaluations without a model."""

import random
from typing import Any, List, Optional, Sequence

from allennlp.data import Instance, Token
from allennlp.data.fields import LabelField, MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from attention_vat.interpret.batches import clean_batch
from attention_vat.interpret.measures import EvaluationBatch, choose_measures
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation
from attention_vat.interpret.summary import summarize
from attention_vat.interpret.texts import texts_of
from attention_vat.models import AttentionClassifier

INDEXERS = {"tokens": SingleIdTokenIndexer(token_min_padding_length=1)}


def instance(words: Sequence[str], label: Optional[str] = None, **metadata: Any) -> Instance:
    fields = {"tokens": TextField([Token(word) for word in words], INDEXERS)}
    if label is not None:
        fields["label"] = LabelField(label)
    return Instance({**fields, "metadata": MetadataField({"tokens": list(words), **metadata})})


def pair_instance(premise: Sequence[str], hypothesis: Sequence[str], label: str, **metadata: Any) -> Instance:
    fields = {
        "premise": TextField([Token(word) for word in premise], INDEXERS),
        "hypothesis": TextField([Token(word) for word in hypothesis], INDEXERS),
        "label": LabelField(label),
        "metadata": MetadataField({"premise_tokens": list(premise), **metadata}),
    }
    return Instance(fields)


def pair_instances(number: int = 6, num_labels: int = 3, seed: int = 0) -> List[Instance]:
    rng = random.Random(seed)
    return [
        pair_instance(
            [f"w{rng.randrange(30)}" for _ in range(rng.randrange(1, 9))],
            [f"w{rng.randrange(30)}" for _ in range(rng.randrange(1, 5))],
            str(rng.randrange(num_labels)),
            id=f"p{index}",
        )
        for index in range(number)
    ]


def batch_of(model: AttentionClassifier, data: Sequence[Instance], **options: Any) -> EvaluationBatch:
    """All instances in one batch, for a model in eval mode."""
    return clean_batch(model.eval(), texts_of(model, data), len(data), EvaluationOptions(**options))


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
    positive = labels[-1] if len(labels) == 2 else None
    options = EvaluationOptions(resamples=50, seed=0)
    return summarize(sentences, labels, positive, choose_measures("all"), options)


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
