"""Files of the form of the published numbers, from implementations that are written out word by word."""

import numpy
import pytest

from benchmarks.word_level_agreement import FILES, main

LENGTHS = [5, 3, 1]


def numerical_gradient(function, at, step=1e-6):
    """Central differences: nothing is shared with torch."""
    gradient = numpy.zeros_like(at)
    for place in numpy.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (function(up) - function(down)) / (2 * step)
    return gradient


def padded(rng, dim, width=5, lengths=LENGTHS):
    made = rng.normal(size=(len(lengths), width, dim))
    for row, length in enumerate(lengths):
        made[row, length:] = 0
    return made


def tying_file(rng):
    embeddings, hidden = padded(rng, 4), padded(rng, 4)

    def unity(hidden, embeddings):
        return numpy.sqrt(((hidden - embeddings) ** 2).sum(2)).mean()

    real = [(hidden[row, :length] - embeddings[row, :length]) for row, length in enumerate(LENGTHS)]
    norms = [numpy.sqrt((part**2).sum(1)) for part in real]
    # At padding both are 0, where the norm has no derivative: 0 in torch.
    gradient = (hidden - embeddings) / 15
    for row, length in enumerate(LENGTHS):
        gradient[row, :length] /= norms[row][:, None]
    return {
        "embeddings": embeddings,
        "hidden": hidden,
        "lengths": numpy.array(LENGTHS),
        "unity_loss": unity(hidden, embeddings),
        "unity_grad_hidden": gradient,
        "unity_grad_embeddings": -gradient,
        "l2_mean_over_real_words": numpy.concatenate(norms).mean(),
        "l2_mean_per_text_then_mean": numpy.mean([part.mean() for part in norms]),
        "squared_mean_per_text_then_mean": numpy.mean([(part**2).mean() for part in norms]),
        "squared_mean_over_real_words": (numpy.concatenate(norms) ** 2).mean(),
    }


def cosine(a, b):
    product = numpy.sqrt((a @ a) * (b @ b))
    return a @ b / product if product else 0.0


def conicity_file(rng):
    lengths, hidden = [7, 4, 3, 5], rng.normal(size=(4, 7, 5))
    attended = numpy.zeros((4, 7), dtype=bool)
    for row, length in enumerate(lengths):
        attended[row, 1 : length - 1] = True

    def per_text(states):
        return numpy.array(
            [
                numpy.mean([abs(cosine(state, states[row][here].mean(0))) for state in states[row][here]])
                for row, here in enumerate(attended)
            ]
        )

    def unity(states):
        return numpy.mean([cosine(state, text.mean(0)) for text in states for state in text])

    other = padded(rng, 5)
    gradient = numerical_gradient(unity, other)
    gradient[(other == 0).all(2)] = 1e8  # where the published code divides by a number near 0
    return {
        "ia_hidden": hidden,
        "ia_attended": attended,
        "ia_lengths_with_marks": numpy.array(lengths),
        "ia_conicity_per_text": per_text(hidden),
        "ia_grad_of_mean": numerical_gradient(lambda states: per_text(states).mean(), hidden),
        "unity_hidden": other,
        "unity_lengths": numpy.array(LENGTHS),
        "unity_conicity": unity(other),
        "unity_grad": gradient,
    }


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def ortho_file(rng):
    lengths, inputs = [6, 4, 2], rng.normal(size=(3, 6, 3))
    weights = {
        "weight_ih": rng.normal(size=(16, 3)),
        "weight_hh": rng.normal(size=(16, 4)),
        "bias_ih": rng.normal(size=16),
        "bias_hh": rng.normal(size=16),
    }
    loss_weights = rng.normal(size=(3, 6, 4))

    def run(inputs):
        output, cells = numpy.zeros((3, 6, 4)), numpy.zeros((3, 6, 4))
        for row, length in enumerate(lengths):
            hidden, cell, total = numpy.zeros(4), numpy.zeros(4), numpy.zeros(4)
            for step in range(6):
                if step < length:
                    gates = weights["weight_ih"] @ inputs[row, step] + weights["bias_ih"]
                    gates = gates + weights["weight_hh"] @ hidden + weights["bias_hh"]
                    i, f, g, o = numpy.split(gates, 4)
                    cell = sigmoid(f) * cell + sigmoid(i) * numpy.tanh(g)
                    hidden = sigmoid(o) * numpy.tanh(cell)
                    hidden = hidden - (hidden @ total) / (total @ total + 1e-6) * total
                    total = total + hidden
                # Carried on at padding.
                output[row, step], cells[row, step] = hidden, cell
        return output, cells

    def weighted(inputs):
        return sum((run(inputs)[0][row, :n] * loss_weights[row, :n]).sum() for row, n in enumerate(lengths))

    output, cells = run(inputs)
    return {
        **weights,
        "x": inputs,
        "lengths": numpy.array(lengths),
        "output": output,
        "cell": cells,
        "last_hidden": output[:, -1],
        "loss_weights": loss_weights,
        "grad_x_of_masked_weighted_sum": numerical_gradient(weighted, inputs),
    }


def tasc_file(rng):
    ids, embeddings = rng.integers(0, 9, size=(3, 5)), padded(rng, 4)
    padding = numpy.arange(5) >= numpy.array(LENGTHS)[:, None]
    u, matrix, weight, bias = (rng.normal(size=size) for size in ((9,), (9, 4), (15, 4, 1), (15,)))
    return {
        "ids": ids,
        "padding": padding.astype(int),
        "embeddings": embeddings,
        "operation": numpy.array("sum-over"),
        "lin": u[ids] * embeddings.sum(2),
        "lin.u": u,
        "feat": (matrix[ids] * embeddings).sum(2),
        "feat.U": matrix,
        "conv": numpy.einsum("cd,btd->bt", weight[:, :, 0], u[ids][..., None] * embeddings) + bias.sum(),
        "conv.u": u,
        "conv.conv_tasc.weight": weight,
        "conv.conv_tasc.bias": bias,
    }


def sparse(row, alpha):
    scaled = (alpha - 1) * row
    low, high = scaled.max() - 1, scaled.max()
    for _ in range(200):
        tau = (low + high) / 2
        weights = numpy.maximum(scaled - tau, 0) ** (1 / (alpha - 1))
        low, high = (tau, high) if weights.sum() > 1 else (low, tau)
    return weights


def entmax_file(rng):
    scores, loss_weights = rng.normal(size=(4, 6)) * 0.7, rng.normal(size=(4, 6))
    attended = numpy.arange(6) < numpy.array([6, 4, 1, 3])[:, None]
    made = {"scores": scores, "attended": attended, "loss_weights": loss_weights}
    for name, alpha in (("sparsemax", 2.0), ("entmax15", 1.5)):

        def weights(scores, alpha=alpha):
            result = numpy.zeros_like(scores)
            for row, here in enumerate(attended):
                result[row, here] = sparse(scores[row, here], alpha)
            return result

        made[name] = weights(scores)
        made[f"{name}_grad"] = numerical_gradient(lambda s, w=weights: (w(s) * loss_weights).sum(), scores)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory, rng = tmp_path_factory.mktemp("oracles"), numpy.random.default_rng(0)
    makers = (tying_file, conicity_file, ortho_file, tasc_file, entmax_file)
    for name, maker in zip(FILES, makers):
        numpy.savez(directory / name, **maker(rng))
    return directory


def test_agreement(folder, capsys):
    # Central differences are right to nine digits or so.
    assert main([str(folder), "--tolerance", "1e-8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    values = [line for line in lines if line.startswith("    ") and "grad" not in line]
    assert len(values) == 5 + 2 + 3 + 3 + 2
    assert all(float(line.split()[1]) < 1e-12 for line in values)


@pytest.mark.parametrize("name", list(FILES))
def test_a_difference_is_found(name, folder, tmp_path, capsys):
    for other in FILES:
        with numpy.load(folder / other) as file:
            arrays = dict(file)
        if other == name:
            key = {"oracle_tasc.npz": "feat", "oracle_entmax.npz": "entmax15_grad"}.get(name)
            key = key or {"oracle_tying.npz": "unity_loss", "oracle_conicity.npz": "unity_grad"}.get(name, "output")
            arrays[key] = arrays[key] + 1e-6
        numpy.savez(tmp_path / other, **arrays)
    assert main([str(tmp_path), "--tolerance", "1e-8"]) == 1
    assert "largest difference: 1.0e-06" in capsys.readouterr().out


def test_what_is_missing_is_named(folder, tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "has no oracle_tying.npz." in capsys.readouterr().err
    numpy.savez(
        tmp_path / "oracle_tying.npz", embeddings=numpy.zeros((1, 1, 1)), hidden=numpy.ones((1, 1, 1)), lengths=[1]
    )
    assert main([str(tmp_path)]) == 1
    assert "has no array unity_loss." in capsys.readouterr().err
