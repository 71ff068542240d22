"""Hidden states combined with the embeddings of their words."""

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder

from attention_vat.nn import encode_words

MODES = ("concatenation", "residual")


@Seq2SeqEncoder.register("with_embeddings")
class WithEmbeddingsEncoder(Seq2SeqEncoder):
    """
    Combines the state of each word with its embedding, so that attention over states still sees the word (Tutek &
    Šnajder 2020, section 3):

        h_t = [encoder(e)_t ; e_t]      (concatenation)
        h_t = encoder(e)_t + e_t        (residual)

    Recurrent inner encoders keep their fast implementation.

    Registered as a `Seq2SeqEncoder` with name "with_embeddings".

    # Parameters

    encoder : `Seq2SeqEncoder`, required.
    mode : `str`, optional (default = `"concatenation"`)
        `"concatenation"`, or `"residual"` for an encoder whose states are as large as the embeddings.

    Raises `ConfigurationError` if the mode is unknown, or if the sizes differ in mode `"residual"`.

    # Examples

        "encoder": {
          "type": "with_embeddings",
          "encoder": {"type": "lstm", "input_size": 300, "hidden_size": 128, "bidirectional": true}
        }
    """

    gives_query = False
    """Whether the last state summarizes a text, as the query of a pair must."""

    def __init__(self, encoder: Seq2SeqEncoder, mode: str = "concatenation") -> None:
        super().__init__()
        if mode not in MODES:
            raise ConfigurationError(f"with_embeddings: mode is '{mode}', but must be one of {', '.join(MODES)}.")
        hidden_dim, embedding_dim = encoder.get_output_dim(), encoder.get_input_dim()
        if mode == "residual" and hidden_dim != embedding_dim:
            raise ConfigurationError(
                f"with_embeddings: residual adds states and embeddings, but they have {hidden_dim} and {embedding_dim} "
                f"dimensions; set hidden_size to {embedding_dim}, or to half of it in a bidirectional encoder."
            )
        self.encoder = encoder
        self.mode = mode

    def forward(self, inputs: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        # (batch_size, num_words, hidden_dim)
        hidden = encode_words(self.encoder, inputs, mask)
        return torch.cat([hidden, inputs], dim=2) if self.mode == "concatenation" else hidden + inputs

    def get_input_dim(self) -> int:
        return self.encoder.get_input_dim()

    def get_output_dim(self) -> int:
        hidden_dim = self.encoder.get_output_dim()
        return hidden_dim + self.get_input_dim() if self.mode == "concatenation" else hidden_dim

    def is_bidirectional(self) -> bool:
        return self.encoder.is_bidirectional()
