"""
The time of a training step with each technique, compared with a step of the plain model and with a straightforward
implementation (`benchmarks/straightforward.py`) that uses AllenNLP's own encoder and the same optimizer.

    python -m benchmarks.step --words 20 171 773
    python -m benchmarks.step --device cuda --graphs --batch-size 32 512
"""

import argparse
import statistics
from typing import Any, Callable, Dict, List, Optional

import torch

from attention_vat.common.memory import keep_freed_memory
from benchmarks.interleaved import interleaved, ratio
from benchmarks.models import TrainingStep, made_up_batch, make_model
from benchmarks.table import markdown, versions

TECHNIQUES = ["attention_vat", "attention_ivat", "word_vat"]
HEADER = ["words", "sentences", "step", "ms", "against vanilla", "times faster than straightforward"]


def measure(
    words: int, batch_size: int, hidden_size: int, ratios: List[int], repeats: int, device: str, amp: bool, graphs: bool
) -> List[List[Any]]:
    """Rows of the table for one length and one batch size."""

    def batch(sentences: int, **kwargs: Any) -> Dict[str, Any]:
        return made_up_batch(words, sentences, device, **kwargs)

    def ours(technique: str, labeled: Dict[str, Any], unlabeled: Optional[Dict[str, Any]] = None) -> TrainingStep:
        return TrainingStep(make_model(technique, hidden_size), labeled, unlabeled, amp=amp, graphs=graphs)

    labeled = batch(batch_size)
    tasks: Dict[str, Callable[[], None]] = {"vanilla": ours("vanilla", labeled)}
    for technique in TECHNIQUES:
        tasks[technique] = ours(technique, labeled)
        model = make_model(technique, hidden_size, straightforward=True)
        tasks[f"straightforward {technique}"] = TrainingStep(model, labeled, amp=amp)
    baselines = dict.fromkeys(tasks, "vanilla")
    for times in ratios:
        unlabeled = batch(times * batch_size, labeled=False, seed=1)
        name, base = f"attention_vat, {times} x unlabelled", f"vanilla, {1 + times} x sentences"
        tasks[base] = ours("vanilla", batch((1 + times) * batch_size))
        tasks[name] = ours("attention_vat", labeled, unlabeled)
        model = make_model("attention_vat", hidden_size, straightforward=True)
        tasks[f"straightforward {name}"] = TrainingStep(model, labeled, unlabeled, amp=amp)
        baselines.update({name: base, base: base, f"straightforward {name}": base})
    # The second step of a shape is recorded, and the first replay is not representative.
    seconds = interleaved(tasks, repeats, warmup=3 if device == "cuda" else 1)
    rows: List[List[Any]] = []
    for name, times_taken in seconds.items():
        slow = seconds.get(f"straightforward {name}")
        faster: Any = ratio(slow, times_taken) if slow else ""
        median = 1000 * sorted(times_taken)[len(times_taken) // 2]
        rows.append([words, batch_size, name, median, ratio(times_taken, seconds[baselines[name]]), faster])
    return rows


def kernels(technique: str, words: int, batch_size: int, hidden_size: int, amp: bool, graphs: bool) -> List[Any]:
    """How many kernels one step has on a GPU, how many ms they take, and which share of the step that is."""
    batch = made_up_batch(words, batch_size, "cuda")
    step = TrainingStep(make_model(technique, hidden_size), batch, amp=amp, graphs=graphs)
    for _ in range(3):
        step()
    whole = interleaved({"step": step}, 9)["step"]
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        step()
    events = [event for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    busy = sum(event.time_range.elapsed_us() for event in events) / 1000
    return [words, batch_size, technique, len(events), busy, busy / (1000 * statistics.median(whole))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="+", default=[20, 171])
    parser.add_argument("--batch-size", type=int, nargs="+", default=[32])
    parser.add_argument("--unlabeled-ratio", type=int, nargs="*", default=[1], help="unlabelled for each labelled one")
    parser.add_argument("--hidden-size", type=int, default=256, help="of each direction of the LSTM")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--amp", action="store_true", help="mixed precision, on a GPU")
    parser.add_argument("--graphs", action="store_true", help="replay recorded steps, as the callback cuda_graphs does")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    if (arguments.amp or arguments.graphs) and arguments.device == "cpu":
        parser.error("--amp and --graphs need --device cuda")
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    options = (arguments.unlabeled_ratio, arguments.repeats, arguments.device, arguments.amp, arguments.graphs)
    rows = []
    for words in arguments.words:
        for batch_size in arguments.batch_size:
            rows += measure(words, batch_size, arguments.hidden_size, *options)
    print(versions())
    print()
    print(markdown(HEADER, rows))
    if arguments.device == "cuda":
        sizes = [(words, batch_size) for words in arguments.words for batch_size in arguments.batch_size]
        how = (arguments.hidden_size, arguments.amp, arguments.graphs)
        rows = [kernels(technique, *size, *how) for size in sizes for technique in ["vanilla", *TECHNIQUES]]
        print()
        print(markdown(["words", "sentences", "step", "kernels", "their ms", "share of the step"], rows))


if __name__ == "__main__":
    main()
