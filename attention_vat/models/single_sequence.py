"""One text, one attention, one decision."""

from typing import Any, Dict, List, Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules import Seq2SeqEncoder, TextFieldEmbedder
from allennlp.nn import InitializerApplicator, util

from attention_vat.models.attention_classifier import AttentionClassifier
from attention_vat.models.stages import Embedded, Encoded
from attention_vat.modules import AdditiveScorer, AttentionScorer, matrix_of, rows_of
from attention_vat.modules.task_scaling import TaskScaling
from attention_vat.nn import encode_words, full_precision, without_boundaries
from attention_vat.nn.recurrent import draws_nothing


@Model.register("single_sequence_attention")
class SingleSequenceAttention(AttentionClassifier):
    """
    A text classifier with attention, as in Jain & Wallace (2019) and Appendix A of Kitada & Iyatomi (2022):

        h = encoder(embedding(x))      ã_t = scorer(h_t)      a = softmax(ã)      logits = W Σ_t a_t h_t + b

    It computes `W Σ_t a_t h_t` as `Σ_t a_t (W h_t)`: the same number, but a perturbation of the scores then costs
    `num_words × num_logits` multiplications instead of `num_words × hidden_dim`.

    Registered as a `Model` with name "single_sequence_attention".

    # Parameters

    text_field_embedder : `TextFieldEmbedder`, required.
        Any embedder.
    encoder : `Seq2SeqEncoder`, required.
        Any encoder of `(batch_size, num_words, embedding_dim)`.
    scorer : `AttentionScorer`, optional (default = `{"type": "additive"}`)
        Gives the attention scores.
    dropout : `float`, optional (default = `0.0`)
        The dropout on the embeddings and on the hidden states.
    task_scaling : `TaskScaling`, optional (default = `None`)
        A learned factor for each word, in addition to attention: `"lin"`, `"feat"` or `"conv"`.
    initializer : `InitializerApplicator`, optional
    regularizer : `RegularizerApplicator`, optional
        AllenNLP's penalty on parameters (not to be confused with `regularizers`).
    vocab, regularizers, positive_label, class_weights, num_labels, boundary_tokens, label_namespace, namespace,
    normalizer, label_names
        See `AttentionClassifier`.

    Raises `ConfigurationError` if task scaling is set but words do not come from an embedding matrix.

    # Examples

        {
          "type": "single_sequence_attention",
          "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 300}}},
          "encoder": {"type": "lstm", "input_size": 300, "hidden_size": 256, "bidirectional": true},
          "regularizers": [{"type": "attention_ivat", "epsilon": 5}]
        }
    """

    default_predictor = "single_sequence_attention"
    input_names = ("tokens",)

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder,
        scorer: Lazy[AttentionScorer] = Lazy(AdditiveScorer),
        dropout: float = 0.0,
        task_scaling: Optional[Lazy[TaskScaling]] = None,
        initializer: InitializerApplicator = InitializerApplicator(),
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        self.text_field_embedder = text_field_embedder
        self.encoder = encoder
        self.scorer = scorer.construct(hidden_dim=encoder.get_output_dim())
        self.decoder = torch.nn.Linear(encoder.get_output_dim(), self.num_logits)
        self.dropout = torch.nn.Dropout(dropout)
        self.task_scaling: Optional[TaskScaling] = None
        if task_scaling is not None:
            matrix = matrix_of(text_field_embedder)
            if matrix is None:
                raise ConfigurationError(
                    "task_scaling needs words from a single embedding matrix; give text_field_embedder a single token "
                    "embedder of type 'embedding'."
                )
            self.task_scaling = task_scaling.construct(num_words=matrix.size(0), embedding_dim=matrix.size(1))
        initializer(self)
        self.attach_regularizers()

    def forward(  # type: ignore[override]
        self,
        tokens: TextFieldTensors,
        label: Optional[torch.IntTensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
            From a `TextField`.
        label : `torch.IntTensor`, optional
            From a `LabelField`, shape `(batch_size,)`.
        metadata : `List[Dict[str, Any]]`, optional
            Its `tokens`, if present, name the words in predictions.

        # Returns

        output : `Dict[str, Any]`
            `logits` `(batch_size, num_logits)`, `probs` `(batch_size, num_labels)`, `attention`
            `(batch_size, num_words)`, with task scaling its factors `task_scaling` of the same shape, and with a label
            `loss`.
        """
        return self.classify({"tokens": tokens}, label, metadata)

    def embed(self, inputs: Dict[str, Any]) -> Embedded:
        tokens = inputs["tokens"]
        words = self.text_field_embedder(tokens)
        mask, ids = util.get_text_field_mask(tokens), rows_of(self.text_field_embedder, tokens)
        return Embedded(self.dropout(words), mask, ids, clean_words=words)

    def embedding_matrices(self) -> List[torch.Tensor]:
        matrix = matrix_of(self.text_field_embedder)
        return [] if matrix is None else [matrix]

    def encode(self, embedded: Embedded) -> Encoded:
        states = encode_words(self.encoder, embedded.words, embedded.mask)
        hidden = self.dropout(states)
        values = torch.nn.functional.linear(hidden, self.decoder.weight)
        factors = None
        if self.task_scaling is not None:
            # (batch_size, num_words)
            factors = self.task_scaling(embedded.ids, embedded.words) * embedded.mask
            values = values * factors.unsqueeze(2)
        mask = without_boundaries(embedded.mask, self.boundary_tokens)
        scores = full_precision(self.scorer(hidden))
        return Encoded(hidden, full_precision(values), scores, mask, states=states, factors=factors)

    @property
    def encodes_without_dropout(self) -> bool:
        return self.dropout.p == 0 and draws_nothing(self.encoder)

    def decode(self, encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        weights = self.attend(encoded, scores)
        return torch.einsum("bt,btc->bc", weights, encoded.values) + self.decoder.bias
