"""
A profile of a training step: the operations that take the most time.

    python -m benchmarks.profile_step --technique attention_vat --words 20
"""

import argparse

import torch
from torch.profiler import ProfilerActivity, profile

from attention_vat.common.memory import keep_freed_memory
from benchmarks.models import TrainingStep, made_up_batch, make_model
from benchmarks.table import markdown, versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--technique", default="attention_vat")
    parser.add_argument("--straightforward", action="store_true", help="the implementation in straightforward.py")
    parser.add_argument("--unlabeled", action="store_true", help="with as many unlabelled sentences")
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--hidden-size", type=int, default=256, help="of each direction of the LSTM")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rows", type=int, default=15)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()

    size = (arguments.words, arguments.batch_size, arguments.device)
    unlabeled = made_up_batch(*size, labeled=False, seed=1) if arguments.unlabeled else None
    model = make_model(arguments.technique, arguments.hidden_size, arguments.straightforward)
    step = TrainingStep(model, made_up_batch(*size), unlabeled)
    for _ in range(3):
        step()
    activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if arguments.device == "cuda" else [])
    with profile(activities=activities) as profiler:
        for _ in range(arguments.steps):
            step()
    events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    rows = [
        [
            f"`{event.key[:60]}`",
            event.self_cpu_time_total / arguments.steps / 1000,
            event.self_cpu_time_total / total,
            event.count / arguments.steps,
        ]
        for event in events[: arguments.rows]
    ]
    print(f"{versions()}; {total / arguments.steps / 1000:.1f} ms a step, with the profiler's own cost")
    print()
    print(markdown(["operation", "ms", "share", "calls"], rows))
    if arguments.device == "cuda":
        print(profiler.key_averages().table(sort_by="self_cuda_time_total", row_limit=arguments.rows))


if __name__ == "__main__":
    main()
