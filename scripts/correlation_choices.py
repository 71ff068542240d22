#!/usr/bin/env python
"""
Computes the correlation of attention with importance under other choices of importance and of what is correlated, for
the table "Which correlation is .852?" of docs/results.md:

    python -m scripts.correlation_choices data/sst/test.jsonl output/seed-0/model.tar.gz output/seed-1/model.tar.gz

All numbers are means over the archives. The importance is for a probability, or with `--gradient-of logit` for a logit.
"""

import argparse
from typing import Dict, List, Optional, Sequence

import numpy


def mean_correlation(attention: Sequence[numpy.ndarray], importance: Sequence[numpy.ndarray], batch_size: int) -> float:
    """
    Returns the mean Pearson correlation of sentences, each padded with 0 to the longest one of its batch; sentences for
    which it is undefined are left out. A `batch_size` of 1 means no padding.
    """
    correlations: List[float] = []
    for start in range(0, len(attention), batch_size):
        batch = list(zip(attention, importance))[start : start + batch_size]
        longest = max(len(weights) for weights, _ in batch)
        for weights, gradient in batch:
            padding = (0, longest - len(weights))
            x, y = numpy.pad(weights, padding), numpy.pad(gradient, padding)
            if len(set(x.tolist())) > 1 and len(set(y.tolist())) > 1:
                correlations.append(float(numpy.corrcoef(x, y)[0, 1]))
    return float(numpy.mean(correlations))


def correlation_of_all_words(attention: Sequence[numpy.ndarray], importance: Sequence[numpy.ndarray]) -> float:
    """Returns one Pearson correlation over the words of all sentences; each sentence's importance sums to 1."""
    shares = [gradient / max(gradient.sum(), 1e-30) for gradient in importance]
    return float(numpy.corrcoef(numpy.concatenate(list(attention)), numpy.concatenate(shares))[0, 1])


def choices(archive: str, data: str, method: str, output: str, batch_size: int) -> Dict[str, Optional[float]]:
    """Returns all columns of the table for one archive; `None` for a correlation that no sentence defines."""
    from attention_vat.interpret import evaluate_archive

    evaluation = evaluate_archive(archive, data, measures=["correlation"], method=method, output=output)
    attention = [numpy.asarray(sentence.attention) for sentence in evaluation.sentences]
    through = [numpy.asarray(sentence.importance) for sentence in evaluation.sentences]
    constant = [numpy.asarray(sentence.importance_attention_constant) for sentence in evaluation.sentences]
    return {
        "gradient through attention": evaluation.metrics["pearson"].value,
        "attention constant": evaluation.metrics["pearson_attention_constant"].value,
        f"through, padding of batches of {batch_size}": mean_correlation(attention, through, batch_size),
        "constant, with padding": mean_correlation(attention, constant, batch_size),
        "through, all words at once": correlation_of_all_words(attention, through),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="sentences, in the format that the models were trained on")
    parser.add_argument("archives", nargs="+", metavar="archive")
    parser.add_argument("--importance", nargs="+", default=["gradient_x_input", "gradient_norm"])
    parser.add_argument("--gradient-of", choices=["probability", "logit"], default="probability")
    parser.add_argument("--batch-size", type=int, default=32, help="the batches whose padding is included")
    arguments = parser.parse_args()
    for method in arguments.importance:
        rows = [
            choices(archive, arguments.data, method, arguments.gradient_of, arguments.batch_size)
            for archive in arguments.archives
        ]
        print(method)
        for name in rows[0]:
            values = [value for row in rows if (value := row[name]) is not None]
            print(f"  {name}: {numpy.mean(values):.3f}" if values else f"  {name}: undefined")


if __name__ == "__main__":
    main()
