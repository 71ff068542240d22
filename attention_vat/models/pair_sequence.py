"""Two texts: attention over the first, given the second."""

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
from attention_vat.modules import AdditiveScorer, AttentionScorer, matrix_of, num_rows, rows_of
from attention_vat.nn import encode_words, full_precision, without_boundaries
from attention_vat.nn.recurrent import draws_nothing


@Model.register("pair_sequence_attention")
class PairSequenceAttention(AttentionClassifier):
    """
    A classifier of two texts, a premise `P` (a passage) and a hypothesis `Q` (a question), as in Jain & Wallace (2019)
    and Appendix A of Kitada & Iyatomi (2022). Attention is over the words of the premise:

        ã_t = scorer(h^P_t, h^Q_last)      a = softmax(ã)      logits = W tanh(W_p Σ_t a_t h^P_t + W_q h^Q_last)

    For question answering, where only some answers are possible, the others have a probability of 0.

    Registered as a `Model` with name "pair_sequence_attention".

    # Parameters

    text_field_embedder : `TextFieldEmbedder`, required.
        For the premise, and for the hypothesis unless it has its own.
    encoder : `Seq2SeqEncoder`, required.
        For the premise, and for the hypothesis unless it has its own.
    hypothesis_text_field_embedder : `TextFieldEmbedder`, optional (default = `text_field_embedder`)
    hypothesis_encoder : `Seq2SeqEncoder`, optional (default = `encoder`)
        The papers use two encoders.
    scorer : `AttentionScorer`, optional (default = `{"type": "additive"}`)
    decoder_dim : `int`, optional (default = half of the encoder's output)
        The number of rows of `W_p` and `W_q`.
    dropout : `float`, optional (default = `0.0`)
        The dropout on the embeddings and on the hidden states.
    initializer, regularizer, vocab, regularizers, positive_label, class_weights, num_labels, boundary_tokens,
    label_namespace, namespace, label_names
        See `SingleSequenceAttention` and `AttentionClassifier`.

    Raises `ConfigurationError` if the embeddings of the two texts differ in size, or if the last state of the
    hypothesis encoder does not summarize the text (`with_embeddings`, `orthogonal_lstm`).

    # Examples

        {
          "type": "pair_sequence_attention",
          "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 300}}},
          "encoder": {"type": "lstm", "input_size": 300, "hidden_size": 128, "bidirectional": true},
          "hypothesis_encoder": {"type": "lstm", "input_size": 300, "hidden_size": 128, "bidirectional": true},
          "regularizers": [{"type": "attention_ivat", "epsilon": 5}]
        }
    """

    default_predictor = "pair_sequence_attention"
    input_names = ("premise", "hypothesis", "candidates")
    words_key = "premise_tokens"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder,
        hypothesis_text_field_embedder: Optional[TextFieldEmbedder] = None,
        hypothesis_encoder: Optional[Seq2SeqEncoder] = None,
        scorer: Lazy[AttentionScorer] = Lazy(AdditiveScorer),
        decoder_dim: Optional[int] = None,
        dropout: float = 0.0,
        initializer: InitializerApplicator = InitializerApplicator(),
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        self.text_field_embedder = text_field_embedder
        self.hypothesis_text_field_embedder = hypothesis_text_field_embedder or text_field_embedder
        sizes = [e.get_output_dim() for e in (self.text_field_embedder, self.hypothesis_text_field_embedder)]
        if sizes[0] != sizes[1]:
            raise ConfigurationError(
                f"The embeddings of premise and hypothesis must have the same size, not {sizes[0]} and {sizes[1]}."
            )
        self.encoder = encoder
        self.hypothesis_encoder = hypothesis_encoder or encoder
        if not getattr(self.hypothesis_encoder, "gives_query", True):
            raise ConfigurationError(
                f"The last state of {type(self.hypothesis_encoder).__name__} does not summarize the hypothesis; set "
                "hypothesis_encoder to another one, such as an lstm."
            )
        hidden_dim, query_dim = encoder.get_output_dim(), self.hypothesis_encoder.get_output_dim()
        decoder_dim = decoder_dim or max(1, hidden_dim // 2)
        self.scorer = scorer.construct(hidden_dim=hidden_dim, query_dim=query_dim)
        self.premise_projection = torch.nn.Linear(hidden_dim, decoder_dim)
        self.hypothesis_projection = torch.nn.Linear(query_dim, decoder_dim, bias=False)
        self.decoder = torch.nn.Linear(decoder_dim, self.num_logits)
        self.dropout = torch.nn.Dropout(dropout)
        initializer(self)
        self.attach_regularizers()

    def forward(  # type: ignore[override]
        self,
        premise: TextFieldTensors,
        hypothesis: TextFieldTensors,
        label: Optional[torch.IntTensor] = None,
        candidates: Optional[torch.Tensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        """
        # Parameters

        premise, hypothesis : `TextFieldTensors`
            From `TextField`s.
        label : `torch.IntTensor`, optional
            From a `LabelField`, shape `(batch_size,)`.
        candidates : `torch.Tensor`, optional
            From a `MultiLabelField`: 1 for each class that can be the answer, shape `(batch_size, num_labels)`. In a
            text without any, all classes can.
        metadata : `List[Dict[str, Any]]`, optional
            Its `premise_tokens`, if present, name the words in predictions.

        # Returns

        output : `Dict[str, Any]`
            `logits` `(batch_size, num_logits)`, `probs` `(batch_size, num_labels)`, `attention`
            `(batch_size, num_premise_words)`, and with a label `loss`.
        """
        inputs: Dict[str, Any] = {"premise": premise, "hypothesis": hypothesis}
        if candidates is not None:
            inputs["candidates"] = candidates
        return self.classify(inputs, label, metadata)

    def embed(self, inputs: Dict[str, Any]) -> Embedded:
        # Concatenated, the two texts are perturbed as one.
        parts = [
            (self.text_field_embedder, inputs["premise"]),
            (self.hypothesis_text_field_embedder, inputs["hypothesis"]),
        ]
        masks = [util.get_text_field_mask(tokens) for _, tokens in parts]
        words = torch.cat([embedder(tokens) for embedder, tokens in parts], dim=1)
        rows = [rows_of(embedder, tokens) for embedder, tokens in parts]
        ids = None
        if rows[0] is not None and rows[1] is not None:
            offset = 0 if self._shares_embeddings else num_rows(self.text_field_embedder)
            ids = torch.cat([rows[0], rows[1] + offset], dim=1)
        class_mask = None
        if "candidates" in inputs and self.positive_index is None:
            class_mask = inputs["candidates"].bool()
            class_mask = class_mask | ~class_mask.any(dim=1, keepdim=True)
        mask = torch.cat(masks, dim=1)
        return Embedded(self.dropout(words), mask, ids, masks[0].size(1), class_mask, clean_words=words)

    @property
    def _shares_embeddings(self) -> bool:
        return self.hypothesis_text_field_embedder is self.text_field_embedder

    def embedding_matrices(self) -> List[torch.Tensor]:
        embedders = [self.text_field_embedder]
        if not self._shares_embeddings:
            embedders.append(self.hypothesis_text_field_embedder)
        matrices = [matrix for matrix in map(matrix_of, embedders) if matrix is not None]
        return matrices if len(matrices) == len(embedders) else []

    def encode(self, embedded: Embedded) -> Encoded:
        border = embedded.num_premise_words
        premise, hypothesis = embedded.words[:, :border], embedded.words[:, border:]
        premise_mask, hypothesis_mask = embedded.mask[:, :border], embedded.mask[:, border:]
        states = encode_words(self.encoder, premise, premise_mask)
        hidden = self.dropout(states)
        read = encode_words(self.hypothesis_encoder, hypothesis, hypothesis_mask)
        last = self.dropout(last_states(read, hypothesis_mask, self.hypothesis_encoder.is_bidirectional()))
        return Encoded(
            hidden=hidden,
            values=full_precision(torch.nn.functional.linear(hidden, self.premise_projection.weight)),
            scores=full_precision(self.scorer(hidden, last)),
            mask=without_boundaries(premise_mask, self.boundary_tokens),
            query=full_precision(self.hypothesis_projection(last) + self.premise_projection.bias),
            class_mask=embedded.class_mask,
            states=states,
        )

    @property
    def encodes_without_dropout(self) -> bool:
        return self.dropout.p == 0 and draws_nothing(self.encoder) and draws_nothing(self.hypothesis_encoder)

    def decode(self, encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        weights = self.attend(encoded, scores)
        attended = torch.einsum("bt,btv->bv", weights, encoded.values)
        with torch.autocast(scores.device.type, enabled=False):
            logits = self.decoder(torch.tanh(attended + encoded.query))
        return logits if encoded.class_mask is None else logits.masked_fill(~encoded.class_mask, float("-inf"))


def last_states(hidden: torch.Tensor, mask: torch.BoolTensor, bidirectional: bool) -> torch.Tensor:
    """
    The final states of an encoder, of both directions if it has two; 0 for a text without words.

    # Parameters

    hidden : `torch.Tensor`
        Shape `(batch_size, num_words, hidden_dim)`.
    mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    bidirectional : `bool`

    # Returns

    last : `torch.Tensor`
        Shape `(batch_size, hidden_dim)`.
    """
    if hidden.size(1) == 0:
        return hidden.new_zeros(hidden.size(0), hidden.size(2))
    # An empty text has no last word; its hidden states are all 0, so the first will do.
    somewhere = mask.clone()
    somewhere[:, 0] = True
    return util.get_final_encoder_states(hidden, somewhere, bidirectional)
