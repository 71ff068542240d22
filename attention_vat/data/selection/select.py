"""
Selects sentences from a pool and writes them to a directory.
"""

import json
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Optional, Union

import numpy
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.output import written_aside
from attention_vat.data.selection.sentence_file import SentenceFile, new_vocabulary
from attention_vat.data.selection.strategies import SelectionStrategy

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def select_unlabeled(
    labeled: Union[str, PathLike],
    pool: Union[str, PathLike],
    output_dir: Union[str, PathLike],
    strategy: SelectionStrategy,
    neighbors: int = 10,
    count: Optional[int] = None,
    force: bool = False,
) -> Dict[str, Any]:
    """
    Takes sentences from a pool and writes them to `unlabeled.jsonl`, unchanged and in the order of the pool, with
    `selection.json`, which says how they were chosen.

    Only the first of several equal sentences counts; labelled sentences and sentences without a word are never taken.

    # Parameters

    labeled, pool : `Union[str, PathLike]`
        Files in the format of the `single_sequence` reader.
    output_dir : `Union[str, PathLike]`
        Written under a temporary name and renamed when complete.
    strategy : `SelectionStrategy`
    neighbors : `int`, optional (default = `10`)
        The number of sentences to take per labelled sentence, with any strategy.
    count : `int`, optional (default = `None`)
        The total number of sentences to take; it overrides `neighbors`.
    force : `bool`, optional (default = `False`)
        Replace an earlier selection.

    # Returns

    selection : `Dict[str, Any]`
        The content of `selection.json`.  Raises a `ConfigurationError` for anything that prevents the selection.
    """
    for name, number in (("--neighbors", neighbors), ("--count", count)):
        if number is not None and number < 1:
            raise ConfigurationError(f"{name} must be at least 1, not {number}")
    for path in (labeled, pool):
        if Path(output_dir).resolve() in Path(path).resolve().parents:
            raise ConfigurationError(f"{output_dir}: holds the input file {path}; choose another --output-dir")
    strategy.check()
    with written_aside(Path(output_dir), force) as aside:
        vocabulary = new_vocabulary()
        labeled_sentences = SentenceFile(labeled, vocabulary)
        pool_sentences = SentenceFile(pool, vocabulary)

        hashes = pool_sentences.hashes()
        _, candidates = numpy.unique(hashes, return_index=True)
        distinct = len(candidates)
        candidates = numpy.sort(candidates[~numpy.isin(hashes[candidates], labeled_sentences.hashes())])
        wanted = count or neighbors * len(labeled_sentences)
        if wanted > len(candidates):
            raise ConfigurationError(
                f"{wanted} sentences were asked for, but {pool} has only {len(candidates)} different ones that are not "
                "labelled; lower --count or --neighbors, or take a larger pool"
            )

        selected = strategy.select(labeled_sentences, pool_sentences, candidates, wanted)
        with open(aside / "unlabeled.jsonl", "w", encoding="utf-8", newline="\n") as output:
            pool_sentences.copy_lines(selected.sentences, output)
        selection = {
            "strategy": strategy.describe(),
            "files": {"labeled": str(labeled), "pool": str(pool)},
            "counts": {
                "labeled": len(labeled_sentences),
                "pool": len(pool_sentences) + pool_sentences.empty,
                "pool_without_words": pool_sentences.empty,
                "pool_repeated": len(pool_sentences) - distinct,
                "pool_labeled": distinct - len(candidates),
                "selected": len(selected.sentences),
            },
            "distances": None if selected.distances is None else summarize(selected.distances),
            **selected.details,
        }
        with open(aside / "selection.json", "w", encoding="utf-8") as file:
            json.dump(selection, file, indent=2, ensure_ascii=False)
            file.write("\n")
    return selection


def summarize(distances: numpy.ndarray) -> Dict[str, Any]:
    """
    Returns the mean and quantiles of cosine distances, rounded to four decimals.
    """
    values: Any = numpy.quantile(distances.astype(numpy.float64), QUANTILES).tolist()
    return {
        "mean": round(float(distances.mean(dtype=numpy.float64)), 4),
        "quantiles": {str(quantile): round(value, 4) for quantile, value in zip(QUANTILES, values)},
    }
