"""
The time and peak memory of a training step over BERT with each regularizer, including the optimizer, relative to a step
without regularizers. Memory is measured on Linux, without that of Python and its libraries. On a GPU, `--amp` runs the
passes in bfloat16, and `--graphs` replays the steps that can be recorded.

    python -m benchmarks.transformer_step --layers 4 --hidden-size 256 --batch-size 16 --tokens 64 --threads 1
    python -m benchmarks.transformer_step --layers 6 --hidden-size 384 --batch-size 32 --device cuda --amp --graphs
"""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.nn.util import move_to_device
from transformers import BertConfig

from attention_vat.training.callbacks.cuda_graphs import obstacle_to_recording
from attention_vat.training.recorded_forward import RecordedForward
from benchmarks.apart import apart
from benchmarks.interleaved import interleaved, ratio
from benchmarks.table import markdown, versions

TINY_BERT = Path(__file__).parents[1] / "fixtures" / "tiny_bert"
REGULARIZERS: Dict[str, List[Dict[str, Any]]] = {
    "none": [],
    "`r_drop`": [{"type": "r_drop"}],
    "`random_attention_mask`": [{"type": "random_attention_mask"}],
    "`adversarial_self_attention`": [{"type": "adversarial_self_attention"}],
    "the same, top 2 layers": [{"type": "adversarial_self_attention", "layers": [-2, -1]}],
    "`self_attention_at`": [{"type": "self_attention_at"}],
    "`self_attention_vat`": [{"type": "self_attention_vat"}],
    "the same, per head": [{"type": "self_attention_vat", "per_head": True}],
    "`freelb`": [{"type": "freelb"}],
    "`smart`": [{"type": "smart"}],
}


def make_step(
    bert: str, regularizers: List[Dict[str, Any]], batch: Dict[str, Any], amp: bool = False, graphs: bool = False
) -> Callable[[], None]:
    """A function that makes one step of training, where the batch is."""
    vocab = Vocabulary()
    for label in ("0", "1"):
        vocab.add_token_to_namespace(label, "labels")
    config = {
        "type": "transformer_classifier",
        "model_name": bert,
        "load_weights": False,
        "regularizers": [dict(regularizer) for regularizer in regularizers],
    }
    model = Model.from_params(Params(config), vocab=vocab).train()
    device = batch["label"].device
    model.to(device)
    if graphs and obstacle_to_recording(model) is None:
        model.forward = RecordedForward(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=amp):
            loss = model(**batch)["loss"]
        loss.backward()
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step


def peak(bert: str, regularizers: List[Dict[str, Any]], batch: Dict[str, Any]) -> float:
    """The largest memory of model, optimizer and two steps, in MB; for a process of its own."""
    # Clears the peak of the imports.
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    step = make_step(bert, regularizers, batch)
    for _ in range(2):
        step()
    return _status("VmHWM") - before


def peak_of_gpu(step: Callable[[], None]) -> float:
    """The largest memory during a step, in MB; what waits beside it, such as other models, counts too."""
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    step()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def _status(name: str) -> float:
    """A number of MB that Linux knows of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden-size", type=int, default=256)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=64, help="of the longest text; the shortest has a quarter")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--amp", action="store_true", help="bfloat16, on a GPU")
    parser.add_argument("--graphs", action="store_true", help="replay recorded steps, as the callback cuda_graphs does")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    if (arguments.amp or arguments.graphs) and arguments.device == "cpu":
        parser.error("--amp and --graphs need --device cuda")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    lengths = torch.linspace(arguments.tokens // 4, arguments.tokens, arguments.batch_size).long()
    ids = torch.randint(5, 96, (arguments.batch_size, arguments.tokens))
    mask = torch.arange(arguments.tokens) < lengths.unsqueeze(1)
    # Each word is a single word piece.
    offsets = torch.arange(arguments.tokens).view(1, -1, 1).expand(*ids.shape, 2)
    tokens = {"token_ids": ids, "mask": mask, "type_ids": torch.zeros_like(ids), "wordpiece_mask": mask}
    tokens["offsets"] = offsets.contiguous()
    batch = {"tokens": {"tokens": tokens}, "label": torch.arange(arguments.batch_size) % 2}
    batch = move_to_device(batch, torch.device(arguments.device))
    with tempfile.TemporaryDirectory() as folder:
        bert = str(shutil.copytree(TINY_BERT, Path(folder) / "bert"))
        BertConfig(
            vocab_size=96,
            hidden_size=arguments.hidden_size,
            num_hidden_layers=arguments.layers,
            num_attention_heads=max(1, arguments.hidden_size // 64),
            intermediate_size=4 * arguments.hidden_size,
            max_position_embeddings=max(512, arguments.tokens),
        ).save_pretrained(bert)
        steps = {
            name: make_step(bert, regularizers, batch, arguments.amp, arguments.graphs)
            for name, regularizers in REGULARIZERS.items()
        }
        seconds = interleaved(steps, arguments.repeats, warmup=3 if arguments.device == "cuda" else 1)
        memory = {
            name: peak_of_gpu(steps[name]) if arguments.device == "cuda" else apart(peak, bert, regularizers, batch)
            for name, regularizers in REGULARIZERS.items()
        }
    baseline = seconds["none"]
    print(versions())
    print()
    table = [
        [name, 1000 * sorted(times)[len(times) // 2], ratio(times, baseline), memory[name] / memory["none"]]
        for name, times in seconds.items()
    ]
    print(markdown(["regularizers", "ms", "ratio", "memory"], table))


if __name__ == "__main__":
    main()
