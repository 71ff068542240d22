"""
How long a training step takes with a technique, against the step of the plain model and against a straightforward
implementation (`benchmarks/straightforward.py`) with AllenNLP's own encoder and the same optimizer.

    python -m benchmarks.step --words 20 171 773
    python -m benchmarks.step --device cuda --amp --batch-size 32 256 1024
"""

import argparse
from typing import Any, Callable, Dict, List

import torch

from attention_vat.common.memory import keep_freed_memory
from benchmarks.interleaved import interleaved, ratio
from benchmarks.models import TrainingStep, made_up_batch, make_model
from benchmarks.table import markdown, versions

TECHNIQUES = ["attention_vat", "attention_ivat", "word_vat"]
HEADER = ["words", "sentences", "step", "ms", "against vanilla", "times faster than straightforward"]


def measure(
    words: int, batch_size: int, hidden_size: int, ratios: List[int], repeats: int, device: str, amp: bool
) -> List[List[Any]]:
    """Rows of the table for one length and one batch size."""

    def batch(sentences: int, **kwargs: Any) -> Dict[str, Any]:
        return made_up_batch(words, sentences, device, **kwargs)

    labeled = batch(batch_size)
    tasks: Dict[str, Callable[[], None]] = {
        "vanilla": TrainingStep(make_model("vanilla", hidden_size), labeled, amp=amp)
    }
    for technique in TECHNIQUES:
        tasks[technique] = TrainingStep(make_model(technique, hidden_size), labeled, amp=amp)
        model = make_model(technique, hidden_size, straightforward=True)
        tasks[f"straightforward {technique}"] = TrainingStep(model, labeled, amp=amp)
    baselines = dict.fromkeys(tasks, "vanilla")
    for times in ratios:
        unlabeled = batch(times * batch_size, labeled=False, seed=1)
        name, base = f"attention_vat, {times} x unlabelled", f"vanilla, {1 + times} x sentences"
        tasks[base] = TrainingStep(make_model("vanilla", hidden_size), batch((1 + times) * batch_size), amp=amp)
        tasks[name] = TrainingStep(make_model("attention_vat", hidden_size), labeled, unlabeled, amp=amp)
        model = make_model("attention_vat", hidden_size, straightforward=True)
        tasks[f"straightforward {name}"] = TrainingStep(model, labeled, unlabeled, amp=amp)
        baselines.update({name: base, base: base, f"straightforward {name}": base})
    seconds = interleaved(tasks, repeats)
    rows: List[List[Any]] = []
    for name, times_taken in seconds.items():
        slow = seconds.get(f"straightforward {name}")
        faster: Any = ratio(slow, times_taken) if slow else ""
        median = 1000 * sorted(times_taken)[len(times_taken) // 2]
        rows.append([words, batch_size, name, median, ratio(times_taken, seconds[baselines[name]]), faster])
    return rows


def kernels(technique: str, words: int, batch_size: int, hidden_size: int, amp: bool) -> int:
    """How many kernels one step starts on a GPU."""
    step = TrainingStep(make_model(technique, hidden_size), made_up_batch(words, batch_size, "cuda"), amp=amp)
    step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        step()
    return sum(event.device_type == torch.autograd.DeviceType.CUDA for event in profile.events())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="+", default=[20, 171])
    parser.add_argument("--batch-size", type=int, nargs="+", default=[32])
    parser.add_argument("--unlabeled-ratio", type=int, nargs="*", default=[1], help="unlabelled for each labelled one")
    parser.add_argument("--hidden-size", type=int, default=256, help="of each direction of the LSTM")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--amp", action="store_true", help="mixed precision, on a GPU")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    if arguments.amp and arguments.device == "cpu":
        parser.error("--amp needs --device cuda")
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    options = (arguments.unlabeled_ratio, arguments.repeats, arguments.device, arguments.amp)
    rows = []
    for words in arguments.words:
        for batch_size in arguments.batch_size:
            rows += measure(words, batch_size, arguments.hidden_size, *options)
    print(versions())
    print()
    print(markdown(HEADER, rows))
    if arguments.device == "cuda":
        print()
        for technique in ["vanilla", *TECHNIQUES]:
            number = kernels(
                technique, arguments.words[0], arguments.batch_size[0], arguments.hidden_size, arguments.amp
            )
            print(f"{technique}: {number} kernels a step")


if __name__ == "__main__":
    main()
