"""Word-level objectives in large batches and small ones, in two processes, in half precision, and in an archive."""

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive

from tests.forks import spawn
from tests.tiny import tiny_labels, tiny_model, tiny_pair_model, tiny_tokens

# Every word is masked: nothing is left to chance, and batches of as many words count the same.
MASKED = {"type": "masked_language_model", "mask_rate": 1.0, "keep_rate": 0.0, "random_rate": 0.0}
EQUAL = {"encoder": {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}}
LENGTHS = [5, 3, 4, 4, 1, 7, 6, 2]


def all_objectives(make=tiny_model, **options):
    return make(regularizers=[{"type": "tying"}, {"type": "conicity"}, dict(MASKED)], **EQUAL, **options).train()


def batch(rows):
    tokens = tiny_tokens(LENGTHS)["tokens"]["tokens"][rows]
    return {"tokens": {"tokens": {"tokens": tokens}}, "label": tiny_labels(len(LENGTHS))[rows]}


def gradient_of(model):
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def large_batch_gradient():
    model = all_objectives()
    model(**batch(slice(None)))["loss"].backward()
    return gradient_of(model)


def test_gradient_accumulation_gives_the_gradient_of_the_large_batch():
    model = all_objectives()
    for rows in (slice(0, 4), slice(4, 8)):  # of 16 words each
        (model(**batch(rows))["loss"] / 2).backward()
    torch.testing.assert_close(gradient_of(model), large_batch_gradient(), rtol=1e-9, atol=1e-12)


def _distributed_gradient(rank, directory):
    torch.distributed.init_process_group("gloo", init_method=f"file://{directory}/store", rank=rank, world_size=2)
    wrapped = torch.nn.parallel.DistributedDataParallel(all_objectives())
    wrapped(**batch(slice(4 * rank, 4 * rank + 4)))["loss"].backward()
    torch.save(gradient_of(wrapped.module), f"{directory}/gradient_{rank}.th")
    # One process has nothing to choose a word from, and still takes part.
    tokens = tiny_tokens([0, 0] if rank else [3, 2])
    wrapped(tokens=tokens, label=tiny_labels(2))["loss"].backward()
    torch.distributed.barrier()  # see tests/training/callbacks/virtual_adversarial_training_test.py


def test_two_processes_give_the_gradient_of_the_large_batch(tmp_path):
    spawn(_distributed_gradient, args=(str(tmp_path),), nprocs=2)
    for rank in (0, 1):
        gradient = torch.load(tmp_path / f"gradient_{rank}.th")
        torch.testing.assert_close(gradient, large_batch_gradient(), rtol=1e-9, atol=1e-12)


def _has_half_precision_lstm():
    """Not on every CPU: torch takes instructions for it that some do not have."""
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            torch.nn.LSTM(4, 4)(torch.zeros(2, 1, 4))
    except RuntimeError:
        return False
    return True


@pytest.mark.skipif(not _has_half_precision_lstm(), reason="this CPU has no LSTM in half precision")
@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
def test_half_precision(make):
    model = all_objectives(make, dtype=torch.float32)
    tokens = {"tokens": tiny_tokens(LENGTHS)}
    if make is tiny_pair_model:
        tokens = {"premise": tiny_tokens(LENGTHS), "hypothesis": tiny_tokens([2] * 8, seed=3)}
    losses = []
    for enabled in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            losses.append(model(**tokens, label=tiny_labels(8))["loss"])
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=0.03)
    losses[1].backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_an_archive_has_what_they_learn(tmp_path):
    config = {
        "dataset_reader": {"type": "single_sequence", "max_instances": 12},
        "train_data_path": "fixtures/example/train.jsonl",
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
            "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True},
            "regularizers": [{"type": "tying"}, {"type": "masked_language_model", "mask_rate": 0.5}],
        },
        "data_loader": {"batch_size": 4},
        "trainer": {"optimizer": {"type": "adam", "lr": 0.01}, "num_epochs": 1},
    }
    model = train_model(Params(config), str(tmp_path / "out"))
    found = load_archive(tmp_path / "out" / "model.tar.gz").model
    decoder = found.adversaries["1"]
    assert torch.equal(decoder.mask_vector, model.adversaries["1"].mask_vector)
    assert torch.equal(decoder.weight, model.adversaries["1"].weight)
    assert "1" in found.adversaries
    assert len(found.adversaries) == 1
