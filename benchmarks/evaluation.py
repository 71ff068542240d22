"""
Time and peak memory of each measure of `allennlp evaluate-attention`, each in a separate process, for a given archive
and data. The first line is the cost of every evaluation: loading, the clean pass, the importance of words, and the
numbers over all sentences. The other lines give the time that a measure adds, and the peak memory of its process.

    python -m benchmarks.evaluation output/vanilla/model.tar.gz data/sst/test.jsonl
    python -m benchmarks.evaluation output/imdb/model.tar.gz data/imdb/test.jsonl --sentences 200 --measures \
        leave_one_out robustness
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from itertools import islice
from typing import Any, Dict, List

BASE = "(all)"


def measure(archive_file: str, data: str, name: str, sentences: int, batch_tokens: int) -> Dict[str, Any]:
    """Seconds, processor seconds and megabytes of an evaluation with one measure, or with none."""
    from attention_vat.interpret import evaluate_attention
    from attention_vat.interpret.archives import load_attention_archive

    archive = load_attention_archive(archive_file)
    instances = list(islice(archive.validation_dataset_reader.read(data), sentences))
    start, processor = time.perf_counter(), time.process_time()
    measures = [] if name == BASE else [name]
    result = evaluate_attention(archive.model, instances, measures, batch_tokens=batch_tokens)
    words = sum(len(sentence.tokens) for sentence in result.sentences)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - processor,
        "mb": kilobytes / 1e6 if sys.platform == "darwin" else kilobytes / 1e3,
        "sentences": len(instances),
        "words": words,
    }


def main() -> None:
    import torch

    import attention_vat
    from attention_vat.interpret.measures import Measure

    cheap_first = [name for name in Measure.list_available() if Measure.by_name(name).part_of_all]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("data")
    parser.add_argument("--measures", nargs="+", default=[n for n in cheap_first if n != "prediction"])
    parser.add_argument("--sentences", type=int, default=10**9, help="only the first so many")
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--in-this-process", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    options = (arguments.sentences, arguments.batch_tokens)
    if arguments.in_this_process:
        torch.set_num_threads(arguments.threads)
        result = measure(arguments.archive, arguments.data, arguments.in_this_process, *options)
        print(json.dumps(result))
        return

    versions = f"attention_vat {attention_vat.__version__}, torch {torch.__version__}"
    print(f"{versions}, {arguments.threads} threads of {os.cpu_count()} cores", flush=True)
    base: Dict[str, Any] = {"seconds": 0.0, "processor": 0.0}
    for name in [BASE, *arguments.measures]:
        command: List[str] = [sys.executable, "-m", "benchmarks.evaluation", *sys.argv[1:], "--in-this-process", name]
        # The peak memory of a process never decreases.
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        result = json.loads(output.splitlines()[-1])
        if name == BASE:
            print(f"{result['sentences']:,} sentences, {result['words']:,} words", flush=True)
            print(f"{'measure':<24}{'seconds':>10}{'cpu':>10}{'MB':>8}", flush=True)
        times = [result[kind] - base[kind] for kind in ("seconds", "processor")]
        print(f"{name:<24}{times[0]:>10.1f}{times[1]:>10.1f}{result['mb']:>8.0f}", flush=True)
        base = result if name == BASE else base


if __name__ == "__main__":
    main()
