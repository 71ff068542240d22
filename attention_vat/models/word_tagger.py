"""A tagger of words that reports both F1 scores of WNUT-17."""

from typing import Any, Dict, List, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model, SimpleTagger
from allennlp.nn import util

from attention_vat.common.vocabulary import indices_of
from attention_vat.training.metrics.token_f1 import TokenF1


@Model.register("word_tagger")
class WordTagger(SimpleTagger):
    """
    AllenNLP's `simple_tagger` for BIO tags, with two F1 scores: `entity_f1`, the usual one, over whole entities; and
    `token_f1`, over single words that are not tagged `O`, which the published code of adversarial self-attention
    reports.

    Registered as a `Model` with name "word_tagger".

    # Parameters

    vocab : `Vocabulary`, required.
    label_namespace : `str`, optional (default = `"labels"`)
        The namespace of the tags.
    kwargs : `Any`
        The parameters of `simple_tagger`.

    Raises `ConfigurationError` if no tag is `O`.

    # Examples

        "model": {
          "type": "word_tagger",
          "text_field_embedder": {
            "token_embedders": {
              "tokens": {"type": "pretrained_transformer_mismatched", "model_name": "bert-base-uncased"}
            }
          },
          "encoder": {"type": "pass_through", "input_dim": 768}
        }
    """

    def __init__(self, vocab: Vocabulary, label_namespace: str = "labels", **kwargs: Any) -> None:
        # Reading entities needs the tag O, which a vocabulary built from a test set alone may lack.
        tags = indices_of(vocab, label_namespace)
        if "O" not in tags:
            raise ConfigurationError(f"word_tagger: no word is tagged O, only {', '.join(sorted(tags)) or 'nothing'}.")
        super().__init__(vocab, label_namespace=label_namespace, label_encoding="BIO", calculate_span_f1=True, **kwargs)
        self._token_f1 = TokenF1(tags["O"])

    def forward(  # type: ignore[override]
        self,
        tokens: TextFieldTensors,
        tags: Optional[torch.LongTensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
        ignore_loss_on_o_tags: Optional[bool] = None,
    ) -> Dict[str, torch.Tensor]:
        """As in `simple_tagger`; `tags` have the shape `(batch_size, num_words)`."""
        output = super().forward(tokens, tags, metadata, ignore_loss_on_o_tags)  # type: ignore[arg-type]
        if tags is not None:
            self._token_f1(output["logits"].detach(), tags, util.get_text_field_mask(tokens))
        return output

    def make_output_human_readable(self, output_dict: Dict[str, torch.Tensor]) -> Dict[str, torch.Tensor]:
        """
        Adds `tags`, one for each word; AllenNLP's tagger, whose tensors have the shape
        `(batch_size, num_words, num_tags)`, tags the padding too.
        """
        output = super().make_output_human_readable(output_dict)
        if "words" in output:
            output["tags"] = [tags[: len(words)] for tags, words in zip(output["tags"], output["words"])]  # type: ignore
        return output

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        """`accuracy`, `entity_precision`, `entity_recall`, `entity_f1` and `token_f1`."""
        words = self._token_f1.get_metric(reset)
        metrics = super().get_metrics(reset)
        for name in ("precision", "recall", "f1"):
            value = metrics.pop(f"{name}-measure-overall" if name == "f1" else f"{name}-overall", None)
            if value is not None and name in words:  # no tagged word, no entity
                metrics[f"entity_{name}"] = value
        metrics = {name: value for name, value in metrics.items() if "-" not in name}
        metrics.update({f"token_{name}": value for name, value in words.items()})
        return metrics
