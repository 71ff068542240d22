"""A Transformer that classifies a text or a pair of texts."""

from typing import Any, Dict, List, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules import Seq2VecEncoder
from allennlp.modules.seq2vec_encoders import ClsPooler
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder
from allennlp.nn import InitializerApplicator, util

from attention_vat.models.attention_classifier import AttentionClassifier
from attention_vat.models.stages import Embedded, Encoded, WordPieces
from attention_vat.nn.encoding import full_precision

READINGS = ("last_layer", "rollout")


@Model.register("transformer_classifier")
class TransformerClassifier(AttentionClassifier):
    """
    A Transformer with a linear layer on its first token, the usual way to fine-tune it (Devlin et al. 2019). As an
    `AttentionClassifier` it has attention that all tools can read: that of the first token, `[CLS]`, to each word,
    summed over word pieces. Special tokens are left out, and the rest is normalized to sum to 1.

    - `"last_layer"`: the attention of the last layer, averaged over its heads.
    - `"rollout"`: the product of all layers, `Π (½ A + ½ I)`, heads averaged (Abnar & Zuidema 2020,
      https://arxiv.org/abs/2005.00928), which traces what a token receives from others through the layers.

    This attention is only reported. It does not decide: the prediction comes from the vector of the first token, so
    that replacing the weights changes nothing (`attention_decides` is false, and measures that replace weights do not
    apply). To perturb the self-attention inside, use `self_attention_*`, `adversarial_self_attention` and the others in
    docs/transformers.md.

    Importance refers to words: the embedding of a word is the mean over its word pieces, and what is added to it is
    added to each of them.

    Registered as a `Model` with name "transformer_classifier".

    # Parameters

    vocab : `Vocabulary`, required.
    model_name : `str`, required.
        The Transformer: a name at Hugging Face or a folder.
    seq2vec_encoder : `Seq2VecEncoder`, optional (default = `cls_pooler`)
        The encoder that turns the vectors of all word pieces into one.
    dropout : `float`, optional (default = `0.1`)
        The dropout before the linear layer.
    reading : `str`, optional (default = `"last_layer"`)
        `"last_layer"` or `"rollout"`.
    load_weights : `bool`, optional (default = `True`)
        Whether to start from the weights of `model_name`. An archive has its own.
    transformer_kwargs : `Dict[str, Any]`, optional
        Arguments for `from_pretrained` of the Transformer.
    initializer : `InitializerApplicator`, optional
    kwargs : `Any`
        See `AttentionClassifier`.

    Raises `ConfigurationError` if `reading` is unknown.

    # Examples

        "model": {
          "type": "transformer_classifier",
          "model_name": "bert-base-uncased",
          "regularizers": [{"type": "adversarial_self_attention"}]
        }
    """

    default_predictor = "transformer_text"
    attention_decides = False
    input_names = ("tokens",)

    def __init__(
        self,
        vocab: Vocabulary,
        model_name: str,
        seq2vec_encoder: Optional[Seq2VecEncoder] = None,
        dropout: float = 0.1,
        reading: str = "last_layer",
        load_weights: bool = True,
        transformer_kwargs: Optional[Dict[str, Any]] = None,
        initializer: InitializerApplicator = InitializerApplicator(),
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        if reading not in READINGS:
            raise ConfigurationError(f"reading is '{reading}', but must be one of {list(READINGS)}.")
        self.reading = reading
        # Loaded by AllenNLP's embedder, so that archives do not need its original weights.
        self._embedder = PretrainedTransformerEmbedder(
            model_name, load_weights=load_weights, transformer_kwargs=transformer_kwargs
        )
        self.indexed_words = IndexedWords()
        self._seq2vec_encoder = seq2vec_encoder or ClsPooler(self._embedder.get_output_dim())
        self._dropout = torch.nn.Dropout(dropout)
        self._layer = torch.nn.Linear(self._seq2vec_encoder.get_output_dim(), self.num_logits)
        initializer(self)
        self.attach_regularizers()

    @property
    def transformer(self) -> Any:
        """The Hugging Face encoder."""
        return self._embedder.transformer_model

    def forward(  # type: ignore[override]
        self,
        tokens: TextFieldTensors,
        label: Optional[torch.IntTensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
            From a `TextField` of words with an indexer of type `transformer_words` or
            `pretrained_transformer_mismatched`.
        label : `torch.IntTensor`, optional
            From a `LabelField`, shape `(batch_size,)`.
        metadata : `List[Dict[str, Any]]`, optional

        # Returns

        output : `Dict[str, Any]`
            `logits` `(batch_size, num_logits)`, `probs` `(batch_size, num_labels)`, `attention`
            `(batch_size, num_words)`, and with a label `loss`.
        """
        return self.classify({"tokens": tokens}, label, metadata)

    def embed(self, inputs: Dict[str, Any]) -> Embedded:
        indexed = self.indexed_words(inputs["tokens"])
        pieces = self.transformer.get_input_embeddings()(indexed["token_ids"])  # (batch_size, num_pieces, dim)
        place = torch.arange(pieces.size(1), device=pieces.device)  # (num_pieces,)
        # If no text has a word, the indexer leaves out the dimension of size 2.
        offsets = indexed["offsets"].reshape(*indexed["mask"].shape, 2)
        first, last = offsets.unsqueeze(-1).unbind(dim=2)  # (batch_size, num_words, 1)
        of_word = (first <= place) & (place <= last) & indexed["mask"].unsqueeze(-1)
        of_word = of_word.to(pieces.dtype)  # (batch_size, num_words, num_pieces)
        shares = of_word / of_word.sum(dim=-1, keepdim=True).clamp_min(1)
        means = torch.einsum("bwp,bpd->bwd", shares, pieces)  # (batch_size, num_words, dim)
        parts = WordPieces(pieces, indexed["wordpiece_mask"], indexed["type_ids"], of_word, means)
        return Embedded(means, indexed["mask"], pieces=parts)

    def encode(self, embedded: Embedded) -> Encoded:
        pieces = embedded.pieces
        assert pieces is not None
        embeddings = pieces.embeddings
        if embedded.words is not pieces.means:
            moved = embedded.words - pieces.means  # (batch_size, num_words, dim)
            embeddings = embeddings + torch.einsum("bwp,bwd->bpd", pieces.of_word, moved)
        inputs = {
            "inputs_embeds": embeddings,
            "attention_mask": pieces.mask.long(),
            # Attention is read only outside of training.
            "output_attentions": not self.training,
        }
        if self._embedder._number_of_token_type_embeddings() > 1:
            inputs["token_type_ids"] = pieces.type_ids
        output = self.transformer(**inputs)
        hidden = output[0]  # (batch_size, num_pieces, hidden_dim)
        vector = self._dropout(self._seq2vec_encoder(hidden, pieces.mask))
        scores = torch.zeros_like(pieces.of_word[:, :, 0]) if self.training else self._scores(output, pieces)
        return Encoded(
            hidden=torch.einsum("bwp,bpd->bwd", pieces.of_word, hidden),
            values=full_precision(hidden.new_zeros(*scores.shape, self.num_logits)),
            scores=full_precision(scores),
            mask=embedded.mask,
            query=full_precision(self._layer(vector)),
        )

    def _scores(self, output: Any, pieces: WordPieces) -> torch.Tensor:
        """The logarithms of attention to words, shape `(batch_size, num_words)`."""
        layers = [layer.mean(dim=1) for layer in output.attentions]  # (batch_size, num_pieces, num_pieces) each
        attention = layers[-1] if self.reading == "last_layer" else rollout(layers)
        weights = torch.einsum("bwp,bp->bw", pieces.of_word, attention[:, 0])
        return weights.clamp_min(util.tiny_value_of_dtype(weights.dtype)).log()

    def decode(self, encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        assert encoded.query is not None
        return encoded.query


class IndexedWords(torch.nn.Module):
    """
    The tensors of the words of a batch, with the word pieces of each. It is a separate module so that AllenNLP's
    saliency interpreters can inspect its input.
    """

    def forward(self, tokens: TextFieldTensors) -> Dict[str, torch.Tensor]:
        """
        The ids of word pieces, shape `(batch_size, num_pieces)`, and the `offsets` of the words in them, shape
        `(batch_size, num_words, 2)`.

        Raises `ConfigurationError` if the words have no `offsets`.
        """
        (indexed,) = tokens.values()
        if "offsets" not in indexed:
            raise ConfigurationError(
                "transformer_classifier reads words: use the token indexer 'transformer_words' with the model_name of "
                "the model."
            )
        return indexed


def rollout(layers: List[torch.Tensor]) -> torch.Tensor:
    """
    How much of each input token each token contains after the last layer: `Π (½ A + ½ I)`, starting from the first
    layer.

    # Parameters

    layers : `List[torch.Tensor]`
        The attention of each layer, shape `(batch_size, num_tokens, num_tokens)`.

    # Returns

    attention : `torch.Tensor`
        Rows sum to 1. Shape `(batch_size, num_tokens, num_tokens)`.

    # Examples

        rollout([torch.full((1, 2, 2), 0.5)])  # [[[0.75, 0.25], [0.25, 0.75]]]
    """
    identity = torch.eye(layers[0].size(-1), dtype=layers[0].dtype, device=layers[0].device)
    mixed = identity.expand_as(layers[0])
    for layer in layers:
        mixed = torch.bmm((layer + identity) / 2, mixed)
    return mixed
