"""AllenNLP's attackers, on a sample of the sentences."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

import torch
from allennlp.data import DatasetReader, Instance, TokenIndexer
from allennlp.data.fields import LabelField
from allennlp.data.token_indexers import (
    ELMoTokenCharactersIndexer,
    PretrainedTransformerIndexer,
    SingleIdTokenIndexer,
    TokenCharactersIndexer,
)
from allennlp.interpret.attackers import Hotflip, InputReduction
from allennlp.interpret.attackers.hotflip import DEFAULT_IGNORE_TOKENS
from allennlp.nn.util import find_embedding_layer

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.importance import differentiable_pass
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    check_at_least_one,
    mean_statistics,
    sampled_rows,
)
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text, inputs_of
from attention_vat.models import AttentionClassifier
from attention_vat.models.words import marks_of, text_of
from attention_vat.predictors.attention_predictor import AttentionPredictor


class _Attack(Measure):
    """The base of both attacks, which change the text under attention, one sentence at a time."""

    def __init__(self, sample: int = 100) -> None:
        check_at_least_one(sample=sample)
        self.sample = sample

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        rows = [row for row in sampled_rows(batch, self.sample) if batch.sentences[row].tokens]
        scores: Dict[str, List[Optional[float]]] = {}
        for row in rows:
            instance = batch.texts[row].instance.duplicate()
            instance.add_field("label", LabelField(int(batch.probs[row].argmax()), skip_indexing=True))
            with torch.enable_grad():
                found = self.attack(model, instance, len(batch.sentences[row].tokens))
            for name, value in found.items():
                scores.setdefault(name, []).append(value)
        return Columns(scores=scores, rows=rows)

    def attack(self, model: AttentionClassifier, instance: Instance, num_words: int) -> Dict[str, Optional[float]]:
        raise NotImplementedError


@Measure.register("hotflip")
class HotflipAttack(_Attack):
    """
    Replaces words until the prediction changes. Each step swaps the word with the largest gradient for the one that the
    gradient favours most (AllenNLP's `Hotflip`; Ebrahimi et al. 2018): `hotflip_success` is the share of sentences
    whose prediction changes at all, `hotflip_words` and `hotflip_share` are the number of words and the share of the
    sentence that had to be replaced. Needs a model whose words are in its vocabulary `namespace`: those of a
    `single_id` indexer, possibly beside indexers of characters, or the pieces of a `pretrained_transformer` (in the
    namespace "tags" unless the indexer names another one).

    Registered as a `Measure` with name "hotflip".

    # Parameters

    sample : `int`, optional (default = `100`)
        The number of sentences to evaluate, drawn at random.

    Raises `ConfigurationError` if it is below 1.
    """

    descriptions = {
        "hotflip_success": Description(
            "HotFlip, success",
            "Share of sentences whose prediction changes when a few words are replaced.",
            "Robustness",
            better=-1,
        ),
        "hotflip_words": Description(
            "HotFlip, words", "How many words had to be replaced.", "Robustness", (0.0, 20.0), better=1
        ),
        "hotflip_share": Description(
            "HotFlip, share of words", "The same as a share of the sentence.", "Robustness", better=1
        ),
    }

    def obstacle(self, model: AttentionClassifier, texts: Sequence[Text]) -> Optional[str]:
        indexers = text_of(texts[0].instance, model.input_names[0])._token_indexers
        # Indexers of word pieces add these to the vocabulary on first use.
        inputs_of(model, [texts[0].instance])
        if _in_vocabulary(model, list((indexers or {}).values())):
            return None
        return (
            f"it replaces words with others of the vocabulary '{model._namespace}', but this model reads "
            "something else, such as word pieces or characters"
        )

    def attack(self, model: AttentionClassifier, instance: Instance, num_words: int) -> Dict[str, Optional[float]]:
        name = model.input_names[0]
        before = [token.text for token in text_of(instance, name).tokens]
        # The special tokens of indexers are not among the tokens.
        marks = marks_of(text_of(instance, name))
        border = [max(0, model.boundary_tokens - len(names)) for names in marks]
        ignored = DEFAULT_IGNORE_TOKENS + before[: border[0]] + before[len(before) - border[1] :]
        attacker = Hotflip(_Predictor(model, instance), vocab_namespace=model._namespace)
        attacked = instance.duplicate()
        attacker.attack_instance(attacked, _unchanging(instance), name, ignore_tokens=ignored)
        after = [token.text for token in text_of(attacked, name).tokens]
        replaced = float(sum(old != new for old, new in zip(before, after)))
        changed = _predicted(model, attacked) != instance["label"].label  # type: ignore[attr-defined]
        return {
            "hotflip_success": float(changed),
            "hotflip_words": replaced if changed else None,
            "hotflip_share": replaced / num_words if changed else None,
        }

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        statistics = mean_statistics(sentences, ["hotflip_success", "hotflip_words", "hotflip_share"])
        if "hotflip_success" in statistics:
            statistics["hotflip_success"] = statistics["hotflip_success"]._replace(std=None)
        return statistics


@Measure.register("input_reduction")
class InputReductionAttack(_Attack):
    """
    Deletes the word with the smallest gradient for as long as the prediction stays (AllenNLP's `InputReduction`; Feng
    et al. 2018): `input_reduction_words` and `input_reduction_share` measure what is left. If a few words are left that
    tell a reader nothing, the prediction does not rest on the others.

    Registered as a `Measure` with name "input_reduction".

    # Parameters

    sample : `int`, optional (default = `100`)
        The number of sentences to evaluate, drawn at random.
    beam_size : `int`, optional (default = `3`)

    Raises `ConfigurationError` if one of them is below 1.
    """

    descriptions = {
        "input_reduction_words": Description(
            "Input reduction, words",
            "How many words are left when no other can go without changing the prediction.",
            "Robustness",
            (0.0, 20.0),
        ),
        "input_reduction_share": Description(
            "Input reduction, share of words", "The same as a share of the sentence.", "Robustness"
        ),
    }

    def __init__(self, sample: int = 100, beam_size: int = 3) -> None:
        super().__init__(sample)
        check_at_least_one(beam_size=beam_size)
        self.beam_size = beam_size

    def attack(self, model: AttentionClassifier, instance: Instance, num_words: int) -> Dict[str, Optional[float]]:
        attacker = InputReduction(_Predictor(model, instance, boundary_gradient=float("inf")), self.beam_size)
        name = model.input_names[0]
        before = len(text_of(instance, name).tokens)
        left = attacker._attack_instance(_unchanging(instance), instance, name, "grad_input_1", [])
        words = float(num_words - (before - len(left)))
        return {"input_reduction_words": words, "input_reduction_share": words / num_words}

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, ["input_reduction_words", "input_reduction_share"])


class _Predictor(AttentionPredictor):
    """
    The predictor that the attackers need, for an existing instance. It computes only the gradient of the text under
    attention, with `differentiable_pass`; AllenNLP's own also computes those of all parameters, and does not tell apart
    two texts that share their embeddings.
    """

    def __init__(self, model: AttentionClassifier, instance: Instance, boundary_gradient: float = 0.0) -> None:
        reader = DatasetReader()
        # `Hotflip` looks here for models without a table of embeddings.
        reader._token_indexers = text_of(instance, model.input_names[0])._token_indexers  # type: ignore[attr-defined]
        super().__init__(model, reader)
        self._boundary_gradient = boundary_gradient

    def get_gradients(self, instances: List[Instance]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        model = self._model
        assert isinstance(model, AttentionClassifier)
        for instance in instances:
            # The attackers read the ids.
            instance.index_fields(model.vocab)
        clean = differentiable_pass(model, inputs_of(model, instances))
        labels = [instance["label"].label for instance in instances]  # type: ignore[attr-defined]
        with torch.enable_grad():
            logits = model.decode(clean.encoded, clean.encoded.scores)
            loss = model.sentence_losses(logits, torch.tensor(labels, device=logits.device)).sum()
            (gradient,) = torch.autograd.grad(loss, clean.embedded.words)
        attended = clean.encoded.mask
        gradient = gradient[:, : attended.size(1)].masked_fill(~attended.unsqueeze(-1), self._boundary_gradient)
        # The attackers pass one instance and count its tokens, without padding and special tokens.
        text = text_of(instances[0], model.input_names[0])
        first = len(marks_of(text).start)
        gradient = gradient[:, first : first + len(text.tokens)]
        outputs = {"probs": model.probabilities(logits).detach()}
        return {"grad_input_1": gradient.cpu().numpy()}, outputs


def _in_vocabulary(model: AttentionClassifier, indexers: Sequence[TokenIndexer]) -> bool:
    """Whether the model embeds the words that `Hotflip` finds in its vocabulary."""
    layer, namespace = find_embedding_layer(model), model._namespace
    if isinstance(layer, torch.nn.Embedding):  # that of a transformer
        pieces = [indexer for indexer in indexers if isinstance(indexer, PretrainedTransformerIndexer)]
        named = [indexer._namespace == namespace in model.vocab._token_to_index for indexer in pieces]
        return len(indexers) == 1 and named == [True]
    words = [indexer for indexer in indexers if isinstance(indexer, SingleIdTokenIndexer)]
    others = [indexer for indexer in indexers if indexer not in words]
    return (
        len(words) >= 1
        and all(indexer.namespace == namespace and indexer._feature_name == "text" for indexer in words)
        and all(isinstance(indexer, (TokenCharactersIndexer, ELMoTokenCharactersIndexer)) for indexer in others)
    )


def _unchanging(instance: Instance) -> Dict[str, Any]:
    """The fields that the attackers need not compare: only a new label counts as a change."""
    return {name: None for name in instance.fields if name != "label"}


def _predicted(model: AttentionClassifier, instance: Instance) -> int:
    with torch.no_grad():
        clean = model.clean_pass(inputs_of(model, [instance]))
        return int(model.probabilities(clean.logits).argmax())
