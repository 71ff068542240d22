"""Masked language modeling."""

from typing import Any, Dict, List, Optional

import torch
from allennlp.common import cached_transformers
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder
from allennlp.training.metrics import CategoricalAccuracy, Perplexity

IGNORED = -100


@Model.register("masked_words")
class MaskedWords(Model):
    """
    Trains a Transformer further on texts with masked language modeling: it predicts the word pieces that were replaced.
    `allennlp make-encoder` turns the result into an encoder for fine-tuning. Within a `regularized` model the
    regularizers compare the predictions of masked words.

    ```
    logits = E LayerNorm(gelu(W h + b)) + c
    ```

    `E` are the word embeddings of the encoder. `W`, `b` and `c` are new, as encoders come without them, and take a few
    hundred steps to become useful (Devlin et al. 2019). See the reader `masked_words`.

    Registered as a `Model` with name "masked_words".

    # Parameters

    vocab : `Vocabulary`, required.
    model_name : `str`, required.
        The encoder: a name at Hugging Face or a folder.
    load_weights : `bool`, optional (default = `True`)
        Whether to load the weights of `model_name`; otherwise they are random.
    transformer_kwargs : `Dict[str, Any]`, optional (default = `None`)

    # Examples

        "model": {
          "type": "regularized",
          "model": {"type": "masked_words", "model_name": "bert-base-uncased"},
          "regularizers": [{"type": "adversarial_self_attention"}]
        }
    """

    def __init__(
        self,
        vocab: Vocabulary,
        model_name: str,
        load_weights: bool = True,
        transformer_kwargs: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        self._embedder = PretrainedTransformerEmbedder(
            model_name, load_weights=load_weights, transformer_kwargs=transformer_kwargs
        )
        # (num_word_pieces, embedding_size); in ALBERT and ELECTRA embedding_size differs from the hidden size
        num_pieces, embedding_size = self._word_embeddings.shape
        self._transform = torch.nn.Sequential(
            torch.nn.Linear(self._embedder.get_output_dim(), embedding_size),
            torch.nn.GELU(),
            torch.nn.LayerNorm(embedding_size),
        )
        self._bias = torch.nn.Parameter(torch.zeros(num_pieces))
        self._perplexity = Perplexity()
        self._accuracy = CategoricalAccuracy()

    def forward(  # type: ignore[override]
        self,
        tokens: TextFieldTensors,
        chosen: torch.BoolTensor,
        target_ids: Optional[torch.LongTensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
            From a `TextField` of word pieces with an indexer of type `pretrained_transformer`.
        chosen : `torch.BoolTensor`
            True at the word pieces to predict, shape `(batch_size, num_pieces)`.
        target_ids : `torch.LongTensor`, optional
            The original word pieces, same shape.
        metadata : `List[Dict[str, Any]]`, optional

        # Returns

        output : `Dict[str, Any]`
            `logits`, shape `(batch_size, num_chosen, num_word_pieces)`, in the order of the text, padded to the largest
            `num_chosen`; with `target_ids` also `loss`, the mean over all chosen word pieces.
        """
        hidden = self._embedder(**tokens["tokens"])
        # (batch_size, num_chosen); logits of all word pieces would cost ten times as much
        mask, places = self.logits_mask(chosen), self._places(chosen)
        # (batch_size, num_chosen, hidden_size)
        asked = hidden.gather(1, places.unsqueeze(2).expand(-1, -1, hidden.size(2)))
        # (batch_size, num_chosen, num_word_pieces)
        logits = torch.nn.functional.linear(self._transform(asked), self._word_embeddings, self._bias)
        output: Dict[str, Any] = {"logits": logits, "mask": mask}
        if target_ids is not None:
            # (batch_size, num_chosen)
            targets = target_ids.gather(1, places).masked_fill(~mask, IGNORED)
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum"
            )
            # With nothing chosen it is 0 but still reaches all parameters, as distributed training requires.
            output["loss"] = loss / mask.sum().clamp_min(1)
            if mask.size(1):
                self._perplexity(output["loss"].item())
                self._accuracy(logits.detach(), targets.clamp_min(0), mask)
        return output

    def logits_mask(self, chosen: torch.BoolTensor, **inputs: Any) -> torch.BoolTensor:
        """True where `logits` belong to a chosen word piece, shape `(batch_size, num_chosen)`."""
        counts = chosen.sum(1, keepdim=True)
        return torch.arange(int(counts.max()), device=chosen.device) < counts  # type: ignore[return-value]

    @staticmethod
    def _places(chosen: torch.BoolTensor) -> torch.Tensor:
        """The positions of the chosen word pieces, then others as padding, shape `(batch_size, num_chosen)`."""
        order = torch.sort(chosen.long(), dim=1, descending=True, stable=True).indices
        return order[:, : int(chosen.sum(1).max())]

    def make_output_human_readable(self, output_dict: Dict[str, Any]) -> Dict[str, Any]:
        """Returns `words`: for each text, the predictions for the chosen word pieces."""
        tokenizer = cached_transformers.get_tokenizer(self._embedder.config.name_or_path)
        counts = output_dict["mask"].sum(1).tolist()
        best = output_dict["logits"].argmax(-1).tolist()
        return {"words": [tokenizer.convert_ids_to_tokens(ids[:count]) for ids, count in zip(best, counts)]}

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        """`perplexity` (of a batch's mean loss, averaged over batches) and `accuracy`, of the chosen word pieces."""
        if not self._accuracy.total_count:
            return {}
        return {"perplexity": self._perplexity.get_metric(reset), "accuracy": self._accuracy.get_metric(reset)}

    @property
    def _word_embeddings(self) -> torch.Tensor:
        return self._embedder.transformer_model.get_input_embeddings().weight
