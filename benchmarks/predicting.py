"""
The time of a prediction after loading, compared with AllenNLP's predictor on its `basic_classifier` of the same size
(an LSTM and a linear layer, without attention): one sentence at a time, and in batches as in `allennlp predict`.

    python -m benchmarks.predicting --sentences 200
"""

import argparse
from functools import partial
from typing import Any, Callable, Dict, List

import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.tokenizers import WhitespaceTokenizer
from allennlp.models import Model
from allennlp.predictors import Predictor

from benchmarks.interleaved import interleaved, ratio
from benchmarks.models import DIMENSIONS, made_up_batch, made_up_vocabulary, make_model
from benchmarks.table import markdown, versions


def basic_classifier(vocabulary: Vocabulary, hidden_size: int) -> Model:
    encoder = {"input_size": DIMENSIONS, "hidden_size": hidden_size, "bidirectional": True}
    params: Dict[str, Any] = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": DIMENSIONS}}},
        "seq2seq_encoder": {"type": "lstm", **encoder},
        "seq2vec_encoder": {"type": "bag_of_embeddings", "embedding_dim": 2 * hidden_size, "averaged": True},
    }
    return Model.from_params(Params(params), vocab=vocabulary)


def sentences(number: int, words: int) -> List[Dict[str, str]]:
    ids = made_up_batch(words, number)["tokens"]["tokens"]["tokens"]
    return [{"sentence": " ".join(f"word{word}" for word in row[row > 0].tolist())} for row in ids]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=128)
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--hidden-size", type=int, default=128, help="of each direction of the LSTM")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    inputs = sentences(arguments.sentences, arguments.words)

    readers = [
        DatasetReader.by_name("text_classification_json")(tokenizer=WhitespaceTokenizer()),
        DatasetReader.by_name("single_sequence")(tokenizer=WhitespaceTokenizer()),
    ]
    models = [
        basic_classifier(made_up_vocabulary(), arguments.hidden_size),
        make_model("vanilla", arguments.hidden_size),
    ]
    predictors = {
        "`basic_classifier`": Predictor.by_name("text_classifier")(models[0].eval(), readers[0]),
        "`single_sequence_attention`": Predictor.by_name("single_sequence_attention")(models[1].eval(), readers[1]),
    }
    batches = [inputs[i : i + arguments.batch_size] for i in range(0, len(inputs), arguments.batch_size)]
    tasks: Dict[str, Callable[[], Any]] = {}
    for name, predictor in predictors.items():
        tasks[f"{name}, one at a time"] = partial(for_each, predictor.predict_json, inputs)
        tasks[f"{name}, batches of {arguments.batch_size}"] = partial(for_each, predictor.predict_batch_json, batches)
    seconds = interleaved(tasks, arguments.repeats)
    of_allennlp = list(seconds.values())[:2]
    rows = [
        [name, 1000 * sorted(times)[len(times) // 2] / len(inputs), ratio(times, baseline)]
        for (name, times), baseline in zip(seconds.items(), of_allennlp * 2)
    ]
    print(versions())
    print()
    print(markdown(["model", "ms a sentence", "ratio"], rows))


def for_each(function: Callable[[Any], Any], items: List[Any]) -> None:
    for item in items:
        function(item)


if __name__ == "__main__":
    main()
