"""
Compares tying, conicity, the orthogonal LSTM, task-scaled attention and the sparse normalizers with stored numbers of
published code: values and gradients, in float64.

    python -m benchmarks.word_level_agreement FOLDER

It reads `oracle_tying.npz`, `oracle_conicity.npz`, `oracle_ortho_lstm.npz`, `oracle_tasc.npz` and `oracle_entmax.npz`,
prints the largest difference of each number, and exits with 1 if any is above `--tolerance` or a file is missing.
"""

import argparse
import sys
from pathlib import Path
from typing import Callable, Dict, List, Optional

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules import Entmax15, OrthogonalLstmEncoder, Sparsemax
from attention_vat.modules.task_scaling import Conv, Feat, Lin, TaskScaling
from attention_vat.nn import conicity, mean_over_words, tying_distances

Arrays = Dict[str, numpy.ndarray]
Tensors = Dict[str, torch.Tensor]


def tensor(array: numpy.ndarray, gradient: bool = False) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float64, requires_grad=gradient)


def mask_of(lengths: numpy.ndarray, width: int) -> torch.Tensor:
    return torch.arange(width) < torch.tensor(lengths).view(-1, 1)


def tying(arrays: Arrays) -> Tensors:
    """As published in 2023: not squared, a mean over words and padding; and the means that this package offers."""
    embeddings, hidden = tensor(arrays["embeddings"], True), tensor(arrays["hidden"], True)
    mask = mask_of(arrays["lengths"], hidden.size(1))
    distances = {squared: tying_distances(hidden, embeddings, squared) for squared in (False, True)}
    unity = distances[False].mean()
    of_hidden, of_embeddings = torch.autograd.grad(unity, [hidden, embeddings], retain_graph=True)
    return {
        "unity_loss": unity,
        "unity_grad_hidden": of_hidden,
        "unity_grad_embeddings": of_embeddings,
        "l2_mean_over_real_words": distances[False][mask].mean(),
        "l2_mean_per_text_then_mean": mean_over_words(distances[False], mask).mean(),
        "squared_mean_per_text_then_mean": mean_over_words(distances[True], mask).mean(),
        "squared_mean_over_real_words": distances[True][mask].mean(),
    }


def both_conicities(arrays: Arrays) -> Tensors:
    """
    Of words with the absolute cosine; and signed, with padding as words of 0. The gradient at such a word is that of a
    division by 0, and is not compared.
    """
    ours, theirs = tensor(arrays["ia_hidden"], True), tensor(arrays["unity_hidden"], True)
    per_text = conicity(ours, torch.tensor(arrays["ia_attended"]).bool())
    everywhere = torch.ones(theirs.shape[:2], dtype=torch.bool)
    words = mask_of(arrays["unity_lengths"], theirs.size(1)).unsqueeze(2)
    signed = conicity(theirs, everywhere, absolute=False).mean()
    return {
        "ia_conicity_per_text": per_text,
        "ia_grad_of_mean": torch.autograd.grad(per_text.mean(), ours)[0],
        "unity_conicity": signed,
        "unity_grad": torch.autograd.grad(signed, theirs)[0].masked_fill(~words, numpy.nan),
    }


def ortho_lstm(arrays: Arrays) -> Tensors:
    """States and cells of words; at padding the published code carries states on, and here they are 0."""
    inputs = tensor(arrays["x"], True)
    encoder = OrthogonalLstmEncoder(inputs.size(2), arrays["weight_hh"].shape[1]).double()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    encoder.cell.load_state_dict({name: tensor(arrays[name]) for name in names})
    mask = mask_of(arrays["lengths"], inputs.size(1))
    output, cell = encoder.states_and_cells(inputs, mask)  # type: ignore[arg-type]
    last = output[torch.arange(len(output)), torch.tensor(arrays["lengths"]).view(-1) - 1]
    weighted = (output * tensor(arrays["loss_weights"]) * mask.unsqueeze(2)).sum()
    return {
        "output": output.masked_fill(~mask.unsqueeze(2), numpy.nan),
        "cell": cell.masked_fill(~mask.unsqueeze(2), numpy.nan),
        "last_hidden": last.view(arrays["last_hidden"].shape),
        "grad_x_of_masked_weighted_sum": torch.autograd.grad(weighted, inputs)[0],
    }


def tasc(arrays: Arrays) -> Tensors:
    """The factors of words, without padding."""
    ids, embeddings = torch.tensor(arrays["ids"]).long(), tensor(arrays["embeddings"])
    padding = torch.tensor(arrays["padding"]).bool()
    results = {}
    for name, kind in (("lin", Lin), ("feat", Feat), ("conv", Conv)):
        prefix = f"{name}."
        weights = {key[len(prefix) :]: tensor(value) for key, value in arrays.items() if key.startswith(prefix)}
        num_words, channels = next(iter(weights.values())).size(0), weights.get("conv_tasc.bias")
        sizes = (num_words, embeddings.size(2)) + (() if channels is None else (len(channels),))
        module: TaskScaling = kind(*sizes).double()
        module.load_state_dict({key: value.view_as(module.state_dict()[key]) for key, value in weights.items()})
        results[name] = module(ids, embeddings).masked_fill(padding, numpy.nan)
    return results


def entmax(arrays: Arrays) -> Tensors:
    attended = torch.tensor(arrays["attended"]).bool()
    results = {}
    for name, normalizer in (("sparsemax", Sparsemax()), ("entmax15", Entmax15())):
        scores = tensor(arrays["scores"], True)
        weights = normalizer(scores, attended)
        loss = (weights * tensor(arrays["loss_weights"])).sum()
        results[name], results[f"{name}_grad"] = weights, torch.autograd.grad(loss, scores)[0]
    return results


FILES: Dict[str, Callable[[Arrays], Tensors]] = {
    "oracle_tying.npz": tying,
    "oracle_conicity.npz": both_conicities,
    "oracle_ortho_lstm.npz": ortho_lstm,
    "oracle_tasc.npz": tasc,
    "oracle_entmax.npz": entmax,
}


def difference(expected: numpy.ndarray, ours: torch.Tensor) -> float:
    """The largest difference; what is NaN of ours is not compared."""
    mine = ours.detach().numpy()
    if expected.size != mine.size:
        raise ConfigurationError(f"an array has the shape {expected.shape} in the file, and here {mine.shape}.")
    compared = ~numpy.isnan(mine)
    return float(numpy.abs(expected.reshape(mine.shape).astype(float) - mine)[compared].max(initial=0.0))


def agreement(folder: Path) -> Dict[str, Dict[str, float]]:
    """
    The largest difference of each number of each file.

    Raises `ConfigurationError` if a file or a number in it is missing.
    """
    results: Dict[str, Dict[str, float]] = {}
    for name, compute in FILES.items():
        if not (folder / name).is_file():
            raise ConfigurationError(f"{folder} has no {name}.")
        with numpy.load(folder / name, allow_pickle=False) as file:
            arrays = dict(file)
        ours = compute(arrays)
        for key in ours:
            if key not in arrays:
                raise ConfigurationError(f"{folder / name} has no array {key}.")
        results[name] = {key: difference(arrays[key], value) for key, value in ours.items()}
    return results


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.word_level_agreement", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("folder", type=Path, help="with five .npz files of numbers of published code")
    parser.add_argument("--tolerance", type=float, default=1e-10)
    options = parser.parse_args(arguments)
    try:
        results = agreement(options.folder)
    except ConfigurationError as error:
        print(f"word_level_agreement: {error}", file=sys.stderr)
        return 1
    for name, differences in results.items():
        print(name)
        for key, value in differences.items():
            print(f"    {key:32} {value:.1e}")
    largest = max(value for differences in results.values() for value in differences.values())
    print(f"largest difference: {largest:.1e}")
    return int(not largest <= options.tolerance)


if __name__ == "__main__":
    sys.exit(main())
