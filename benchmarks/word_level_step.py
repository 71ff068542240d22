"""
The time of a training step with each word-level objective, including the optimizer, relative to a plain step, and the
cost of the masked language model relative to another pass of the encoder.

    python -m benchmarks.word_level_step --words 20 --threads 1
"""

import argparse
from typing import Any, Callable, Dict, List, Sequence

import torch
from allennlp.common import Params
from allennlp.models import Model

from attention_vat.common.memory import keep_freed_memory
from attention_vat.regularizers import Regularizer
from benchmarks.interleaved import interleaved, ratio
from benchmarks.models import DIMENSIONS, TrainingStep, made_up_batch, made_up_vocabulary
from benchmarks.table import markdown, versions


@Regularizer.register("one_more_pass")
class OneMorePass(Regularizer):
    """Encodes the text again and asks for nothing, to compare with."""

    uses_unlabeled = True

    def __call__(self, model: Any, passes: Sequence[Any]) -> torch.Tensor:
        return sum(model.encode(clean.embedded).hidden.mean() for clean in passes) * 0.0


OBJECTIVES: Dict[str, List[Any]] = {
    "vanilla": [],
    "`tying`": ["tying"],
    "`conicity`": ["conicity"],
    "one more pass of the encoder": ["one_more_pass"],
    "`masked_language_model`": ["masked_language_model"],
    "the same, tied to the embeddings": [{"type": "masked_language_model", "tie_to_embeddings": True}],
}


def make_step(regularizers: List[Any], batch: Dict[str, Any]) -> Callable[[], None]:
    """A function that makes one step of training; states are as large as embeddings."""
    torch.manual_seed(0)
    config = {
        "type": "single_sequence_attention",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": DIMENSIONS}}},
        "encoder": {"type": "lstm", "input_size": DIMENSIONS, "hidden_size": DIMENSIONS // 2, "bidirectional": True},
        "regularizers": regularizers,
    }
    return TrainingStep(Model.from_params(Params(config), vocab=made_up_vocabulary()).train(), batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    batch = made_up_batch(arguments.words, arguments.batch_size, arguments.device)
    seconds = interleaved({name: make_step([*r], batch) for name, r in OBJECTIVES.items()}, arguments.repeats)
    again = seconds["one more pass of the encoder"]
    rows = [
        [name, 1000 * sorted(times)[len(times) // 2], ratio(times, seconds["vanilla"]), ratio(times, again)]
        for name, times in seconds.items()
    ]
    print(versions())
    print()
    print(markdown(["regularizers", "ms", "against vanilla", "against one more pass"], rows))


if __name__ == "__main__":
    main()
