"""A Transformer that predicts a number for texts."""

from typing import Any, Dict, Optional

import torch
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules import Seq2VecEncoder, TextFieldEmbedder
from allennlp.nn import InitializerApplicator, util
from allennlp.training.metrics import MeanAbsoluteError, PearsonCorrelation, SpearmanCorrelation


@Model.register("text_pair_regressor")
class TextPairRegressor(Model):
    """
    Predicts a number for a pair of texts or a single one, such as the similarity of the two (STS-B): a linear layer on
    the vector of the whole input, `y = wᵀ h + b`, trained with the squared error.

    Registered as a `Model` with name "text_pair_regressor".

    # Parameters

    vocab : `Vocabulary`, required.
    text_field_embedder : `TextFieldEmbedder`, required.
    seq2vec_encoder : `Seq2VecEncoder`, required.
        An encoder such as `boe`, the mean of the vectors of all words.
    dropout : `float`, optional (default = `0.0`)
        The dropout before the linear layer.
    initializer : `InitializerApplicator`, optional

    # Examples

        "model": {
          "type": "text_pair_regressor",
          "text_field_embedder": {
            "token_embedders": {
              "tokens": {"type": "pretrained_transformer_mismatched", "model_name": "bert-base-uncased"}
            }
          },
          "seq2vec_encoder": {"type": "boe", "embedding_dim": 768, "averaged": true}
        }
    """

    default_predictor = "transformer_text"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        seq2vec_encoder: Seq2VecEncoder,
        dropout: float = 0.0,
        initializer: InitializerApplicator = InitializerApplicator(),
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        self._text_field_embedder = text_field_embedder
        self._seq2vec_encoder = seq2vec_encoder
        self._dropout = torch.nn.Dropout(dropout)
        self._layer = torch.nn.Linear(seq2vec_encoder.get_output_dim(), 1)
        self._pearson, self._spearman = PearsonCorrelation(), SpearmanCorrelation()
        self._error = MeanAbsoluteError()
        self._num_scores = 0
        initializer(self)

    def forward(  # type: ignore[override]
        self, tokens: TextFieldTensors, label: Optional[torch.Tensor] = None, metadata: Any = None
    ) -> Dict[str, torch.Tensor]:
        """
        # Parameters

        tokens : `TextFieldTensors`
        label : `torch.Tensor`, optional (default = `None`)
            Shape `(batch_size,)`.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)

        # Returns

        output : `Dict[str, torch.Tensor]`
            `logits`, the predicted numbers, shape `(batch_size,)`; with labels `loss`, the mean squared error.
        """
        vectors = self._seq2vec_encoder(self._text_field_embedder(tokens), mask=util.get_text_field_mask(tokens))
        scores = self._layer(self._dropout(vectors)).squeeze(-1)  # (batch_size,)
        output = {"logits": scores}
        if label is not None:
            label = label.view(-1).to(scores.dtype)
            output["loss"] = torch.nn.functional.mse_loss(scores, label)
            for metric in (self._pearson, self._spearman, self._error):
                metric(scores.detach(), label)
            self._num_scores += len(label)
        return output

    def make_output_human_readable(self, output_dict: Dict[str, Any]) -> Dict[str, Any]:
        """Adds the predicted numbers as `score`."""
        return {**output_dict, "score": output_dict["logits"]}

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        """`mae`, the mean absolute error, and `pearson` and `spearman`, which need at least two texts."""
        metrics = {}
        if self._num_scores:
            metrics.update(self._error.get_metric(reset))
        if self._num_scores > 1:
            metrics.update(pearson=self._pearson.get_metric(reset), spearman=self._spearman.get_metric(reset))
        if reset:
            self._num_scores = 0
        return metrics
