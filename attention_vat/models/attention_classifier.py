"""The stages of attention models, where perturbations enter."""

import textwrap
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MetadataField
from allennlp.training.metrics import Metric

from attention_vat.common.numbers import check_number
from attention_vat.common.vocabulary import indices_of
from attention_vat.models.regularizable import AnyPass, RegularizableModel
from attention_vat.models.stages import CleanPass, Embedded, Encoded, first_texts
from attention_vat.models.words import attended, metadata_of, words_of
from attention_vat.modules.attention_normalizers import AttentionNormalizer, Softmax
from attention_vat.nn.noise import Noise
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.training.metrics.classification_metric import ClassificationMetric

# Within an epoch, every n-th request for metrics gets new numbers; n is 10 on other devices.
READ_EVERY = {"cpu": 1}


class AttentionClassifier(RegularizableModel):
    """
    A classifier that embeds words, encodes them, scores them, averages them by attention and decides. `forward` is
    split into these stages so that adversarial training can re-enter where its perturbation acts: at `encode` for word
    embeddings, at `decode` for attention scores. What lies before that point is computed once.

        embed(inputs) -> Embedded      encode(embedded) -> Encoded      decode(encoded, scores) -> logits

    A new model implements `embed`, `encode`, `decode` and a `forward` that names its text fields, and calls
    `attach_regularizers` at the end of its `__init__`; every technique of `attention_vat.regularizers` then
    works on it.

    Two classes have a single logit, that of the positive class; more classes have one logit each.

    # Parameters

    vocab : `Vocabulary`, required.
    regularizers : `List[Regularizer]`, optional (default = `[]`)
        The losses added in training, Kitada & Iyatomi (2022), Eq. 14.
    positive_label : `str`, optional (default = the last label in alphabetical order)
        With two classes, the one that the logit and the F1 score refer to.
    class_weights : `Dict[str, float]`, optional (default = `None`)
        Factors for the loss of the sentences of each class, 1 for classes not named. The loss stays a mean over
        sentences (it is not divided by the sum of the weights), so gradient accumulation does not change it.
    num_labels : `int`, optional (default = the size of the label vocabulary)
        Needed only if labels are numbers that the vocabulary does not index.
    boundary_tokens : `int`, optional (default = `0`)
        The number of boundary tokens at each end of a text (1 with `@start@` and `@end@`, or with BERT's `[CLS]` and
        `[SEP]`). They are encoded but get no attention.
    label_namespace, namespace : `str`, optional (default = `"labels"`, `"tokens"`)
        The vocabulary namespaces of labels and of words.
    normalizer : `AttentionNormalizer`, optional (default = `{"type": "softmax"}`)
        How scores become attention weights.
    supervised_weight : `float`, optional (default = `1.0`)
        The weight of the supervised loss in training, next to those of `regularizers`; 0 leaves it out.
    label_names : `Dict[str, str]`, optional (default = `None`)
        The names shown instead of the labels, such as `{"0": "negative", "1": "positive"}`. Data, metrics and files
        keep the labels. Training does not depend on it.

    Raises `ConfigurationError` if there are fewer than two classes, if a label named here is not in the vocabulary, if
    a weight is negative or not finite, if a normalizer is given where attention does not come from scores, if the
    supervised weight is not 1 without regularizers, or if `label_names` lacks a label or gives two labels the same
    name.
    """

    input_names: Tuple[str, ...]
    """The fields that `embed` reads, the attended text first."""

    attention_decides = True
    """Whether `decode` depends on the attention scores."""

    words_key: str = "tokens"
    """The metadata key under which readers store the attended words."""

    def __init__(
        self,
        vocab: Vocabulary,
        regularizers: Optional[List[Regularizer]] = None,
        positive_label: Optional[str] = None,
        class_weights: Optional[Dict[str, float]] = None,
        num_labels: Optional[int] = None,
        boundary_tokens: int = 0,
        label_namespace: str = "labels",
        namespace: str = "tokens",
        normalizer: Optional[AttentionNormalizer] = None,
        supervised_weight: float = 1.0,
        label_names: Optional[Dict[str, str]] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, regularizers, **kwargs)
        if normalizer is not None and not self.attention_decides:
            raise ConfigurationError(f"normalizer: {type(self).__name__} has no scores to normalize; remove it.")
        check_number("supervised_weight", supervised_weight)
        if supervised_weight != 1 and not self.regularizers:
            raise ConfigurationError(
                f"supervised_weight is {supervised_weight}, but there are no regularizers; add some or remove it."
            )
        self.supervised_weight = supervised_weight
        self.normalizer = normalizer or Softmax()
        self.boundary_tokens = boundary_tokens
        self._namespace = namespace
        self._label_namespace = label_namespace
        known = indices_of(vocab, label_namespace)
        self.num_labels = num_labels or len(known)
        if self.num_labels < 2:
            raise ConfigurationError(
                f"The label vocabulary '{label_namespace}' has {self.num_labels} classes, but needs at least 2. "
                "Does the training data have labels?"
            )
        names = {index: label for label, index in known.items()}
        self.labels = [names.get(index, str(index)) for index in range(self.num_labels)]
        self.positive_index: Optional[int] = None
        if self.num_labels == 2:
            self.positive_index = self._label_index(positive_label or max(self.labels), "positive_label")
        elif positive_label is not None:
            raise ConfigurationError(
                f"positive_label needs two classes, but the data has {self.num_labels}: {self.labels}."
            )
        self.num_logits = 1 if self.num_labels == 2 else self.num_labels
        self.label_names = self._checked_names(label_names or {})

        weights = torch.ones(self.num_labels)
        for label, weight in (class_weights or {}).items():
            check_number(f"class_weights: {label}", weight)
            weights[self._label_index(label, "class_weights")] = weight
        self.register_buffer("_class_weights", weights if class_weights else None, persistent=False)

        self.metric = ClassificationMetric(self.num_labels, self.positive_index)
        # Metrics that a callback adds and updates in validation.
        self.validation_metrics: Dict[str, Metric] = {}
        self._latest_metrics: Dict[str, float] = {}
        self._times_asked = 0

    def _label_index(self, label: str, key: str) -> int:
        if label not in self.labels:
            raise ConfigurationError(f"{key}: '{label}' is not a label of the data, which has {self.labels}.")
        return self.labels.index(label)

    def _checked_names(self, names: Dict[str, str]) -> Dict[str, str]:
        for label in names:
            self._label_index(label, "label_names")
        for label in self.labels if names else []:
            if not names.get(label, "").strip():
                raise ConfigurationError(f"label_names: the label '{label}' has no name; name all of {self.labels}.")
        for label, name in names.items():
            if list(names.values()).count(name) > 1:
                raise ConfigurationError(f"label_names: '{name}' is the name of '{label}' and of another label.")
        return dict(names)

    def label_of(self, label: Union[str, int], where: str) -> str:
        """
        A label, given by name or, if the vocabulary does not index it, by its number. Raises `ConfigurationError` that
        names `where` it was found if the model does not have it.
        """
        known = label in self.labels if isinstance(label, str) else 0 <= label < self.num_labels
        if not known:
            raise ConfigurationError(f"{where} has the label '{label}', but the model was trained with {self.labels}.")
        return label if isinstance(label, str) else self.labels[label]

    def extend_embedder_vocab(self, embedding_sources_mapping: Optional[Dict[str, str]] = None) -> None:
        """
        As in AllenNLP. Raises `ConfigurationError` if the extended vocabulary has labels that the model lacks, as when
        an archived model is trained on other data.
        """
        for label, index in indices_of(self.vocab, self._label_namespace).items():
            if index >= self.num_labels:
                raise ConfigurationError(
                    f"The data has the label '{label}', but the model was trained with {self.labels}; remove instances "
                    "with other labels, or define a new model and load the matching weights with its initializer."
                )
        super().extend_embedder_vocab(embedding_sources_mapping)

    # The stages.

    def embed(self, inputs: Dict[str, Any]) -> Embedded:
        """Turns the fields named in `input_names` into word embeddings."""
        raise NotImplementedError

    def embedding_matrices(self) -> List[torch.Tensor]:
        """
        The matrices whose rows are the words, each of shape `(num_embeddings, embedding_dim)`: one, or one for each of
        two texts. `Embedded.ids` numbers the rows of all matrices consecutively. The list is empty if words come from
        elsewhere (a Transformer, several embedders side by side). Needed for perturbations towards other words.
        """
        return []

    def rows_without_meaning(self) -> List[int]:
        """Rows of each of the `embedding_matrices` that do not stand for a word: padding and the unknown word."""
        words = indices_of(self.vocab, self._namespace)
        return [words[word] for word in (self.vocab._padding_token, self.vocab._oov_token) if word in words]

    def encode(self, embedded: Embedded) -> Encoded:
        """Turns word embeddings into hidden states and attention scores. Dropout acts here and not later."""
        raise NotImplementedError

    @property
    def encodes_without_dropout(self) -> bool:
        """Whether `encode` is known to draw no random numbers, so that two calls give the same result."""
        return False

    def decode(self, encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        """Turns hidden states and attention scores into logits, shape `(batch_size, num_logits)`. Deterministic."""
        raise NotImplementedError

    def attend(self, encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        """
        Attention weights over the attended words, `a = softmax(ã)` unless the model has another `normalizer`, exactly 0
        elsewhere. A text without such words has only weights of 0. Shape `(batch_size, num_words)`.
        """
        return self.normalizer(scores, encoded.mask)

    def clean_pass(self, inputs: Dict[str, Any], label: Optional[torch.Tensor] = None) -> CleanPass:
        """Runs all stages without a perturbation; `label` has the shape `(batch_size,)`."""
        with self._watched() as (start, encoder_calls):
            embedded = self.embed(inputs)
            replayed = any(regularizer.replays_encoder for regularizer in self.regularizers if self.training)
            noise = Noise.now(embedded.words.device) if replayed and not self.encodes_without_dropout else None
            encoded = self.encode(embedded)
        logits = self.decode(encoded, encoded.scores)
        return CleanPass(embedded, encoded, logits, label, noise, inputs, start, encoder_calls)

    def again(self, clean: AnyPass) -> torch.Tensor:
        assert clean.inputs is not None
        encoded = self.encode(self.embed(clean.inputs))
        return self.decode(encoded, encoded.scores)

    # What the stages mean.

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Shape `(batch_size, num_labels)`, in the order of the label vocabulary."""
        if self.positive_index is None:
            return torch.softmax(logits, dim=-1)
        # A softmax with a negative logit of 0 has the same probabilities as a sigmoid, without 1 - p.
        both = torch.cat([torch.zeros_like(logits), logits], dim=-1)
        return torch.softmax(both if self.positive_index == 1 else both.flip(-1), dim=-1)

    def sentence_losses(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """The (weighted) cross-entropy of each sentence, shape `(batch_size,)`."""
        if self.positive_index is None:
            losses = torch.nn.functional.cross_entropy(logits, label.long(), reduction="none")
        else:
            positive = (label == self.positive_index).to(logits.dtype)
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logits.squeeze(-1), positive, reduction="none"
            )
        return losses if self._class_weights is None else losses * self._class_weights[label.long()]

    def classify(
        self,
        inputs: Dict[str, Any],
        label: Optional[torch.Tensor] = None,
        metadata: Optional[Sequence[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        """The body of `forward`, the same for every model; `label` has the shape `(batch_size,)`."""
        if label is not None and label.device.type == "cpu":
            # Elsewhere the check would wait for the device in each step.
            for number in label[(label < 0) | (label >= self.num_labels)].tolist():
                self.label_of(number, "The data")
        regularizes = self.training and label is not None and bool(self.regularizers)
        unlabeled = self.next_unlabeled() if regularizes else None
        both = None if unlabeled is None else self._in_one_pass(inputs, unlabeled)
        clean = self.clean_pass(inputs if both is None else both, label)
        encoded, logits, read = clean.encoded, clean.logits, clean.embedded.mask
        if both is not None:
            assert label is not None
            unlabeled, encoded = None, first_texts(encoded, len(label))
            logits, read = logits[: len(label)], read[: len(label)]
        with torch.no_grad():
            output: Dict[str, Any] = {
                "logits": logits,
                "probs": self.probabilities(logits),
                "attention": self.attend(encoded, encoded.scores),
                "mask": encoded.mask,
                # With two texts side by side, attention is over the first.
                "read": read[:, : encoded.mask.size(1)],
                # Passed on unread: the loader "flat" reads metadata only on access.
                "metadata": metadata,
            }
        if encoded.factors is not None:
            output["task_scaling"] = encoded.factors.detach()
        if label is not None:
            loss = self.sentence_losses(logits, label).mean()
            self.metric(output["probs"], label)
            if regularizes:
                self._means.update("supervised_loss", loss)
                loss = self.supervised_weight * loss + self._regularization(clean, unlabeled)
            if not self.training:
                for regularizer in self.regularizers:
                    regularizer.watch(self, clean)
            output["loss"] = loss
        return output

    # What comes out.

    def _get_prediction_device(self) -> int:
        # AllenNLP checks all parameters for each prediction: a twelfth of the time for a short sentence.
        device = next(self.parameters()).device
        return device.index if device.type == "cuda" else -1

    def forward_on_instances(self, instances: List[Instance]) -> List[Dict[str, numpy.ndarray]]:
        """As in AllenNLP, with the words of each instance in its prediction, whichever reader it comes from."""
        return super().forward_on_instances([self.with_words(instance) for instance in instances])

    def with_words(self, instance: Instance) -> Instance:
        """
        The instance with the words that the model reads added to its metadata, where `forward` finds them to name the
        attention weights. Raises `ConfigurationError` if it lacks the text, or has a label that the model does not
        know.
        """
        words = words_of(instance, self.input_names[0])
        label = getattr(instance.fields.get("label"), "label", None)
        if label is not None:
            self.label_of(label, _quoted(words))
        metadata = MetadataField({**metadata_of(instance), self.words_key: words})
        return Instance({**instance.fields, "metadata": metadata})

    def make_output_human_readable(self, output_dict: Dict[str, Any]) -> Dict[str, Any]:
        """
        Adds `label` (the most probable class) and `labels` (the classes in the order of `probs`) and, if the model has
        `label_names`, their names as `label_name` and `label_names`. Removes padding and boundary tokens from
        `attention`, and adds `tokens`, one word for each weight, if the metadata has the words.

        Raises `ConfigurationError` if the numbers of words and weights differ, or if probabilities or attention are not
        finite.
        """
        for name in ("probs", "attention"):
            check_finite(output_dict[name])
        # Impossible classes have a logit of -inf, which JSON cannot represent; the lowest number replaces it.
        output_dict["logits"] = torch.nan_to_num(output_dict["logits"])
        output_dict["label"] = [self.labels[index] for index in output_dict["probs"].argmax(dim=-1).tolist()]
        output_dict["labels"] = [self.labels] * len(output_dict["label"])
        if self.label_names:
            output_dict["label_name"] = [self.label_names[label] for label in output_dict["label"]]
            names = [self.label_names[label] for label in self.labels]
            output_dict["label_names"] = [names] * len(output_dict["label"])
        attention, mask, read = (output_dict.pop(name).cpu().numpy() for name in ("attention", "mask", "read"))
        output_dict["attention"] = [weights[here] for weights, here in zip(attention, mask)]
        if "task_scaling" in output_dict:
            factors = output_dict["task_scaling"].cpu().numpy()
            output_dict["task_scaling"] = [of_words[here] for of_words, here in zip(factors, mask)]
        metadata = output_dict.pop("metadata")
        if metadata is not None and all(self.words_key in data for data in metadata):
            words = [data[self.words_key] for data in metadata]
            output_dict["tokens"] = [
                attended(some, length, self.boundary_tokens, _quoted(some))
                for some, length in zip(words, read.sum(axis=1).tolist())
            ]
        return output_dict

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        """
        `accuracy`, and `precision`, `recall`, `f1` of the positive class (two classes) or their mean over classes.
        Training with a regularizer adds `supervised_loss` and what the regularizers watch; validation adds what
        callbacks have put into `validation_metrics`, prefixed with its name there.

        Reading a number waits for the GPU, and the trainer asks in each step for its progress bar. On a GPU it
        therefore gets numbers that are some steps old, except at the end of an epoch (`reset`).
        """
        interval = READ_EVERY.get(next(self.parameters()).device.type, 10)
        if reset or self._times_asked % interval == 0:
            self._latest_metrics = self._read_metrics(reset)
        self._times_asked = 0 if reset else self._times_asked + 1
        return dict(self._latest_metrics)

    def _read_metrics(self, reset: bool) -> Dict[str, float]:
        metrics = self.metric.get_metric(reset)
        metrics.update(self._read_regularization_metrics(reset))
        if not self.training:
            for name, metric in self.validation_metrics.items():
                metrics.update({f"{name}_{key}": value for key, value in metric.get_metric(reset).items()})
        return metrics


def check_finite(values: torch.Tensor) -> None:
    """Raises `ConfigurationError` if probabilities or attention weights, of any shape, are not finite."""
    if not values.isfinite().all():
        raise ConfigurationError(
            "The model's predictions are NaN or infinite, because its weights are too or have grown too large; train "
            "it again with a smaller learning rate or with grad_norm."
        )


def _quoted(words: Sequence[str]) -> str:
    return f"The text '{textwrap.shorten(' '.join(words), 60)}'"
