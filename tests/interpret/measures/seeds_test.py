import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.archives import load_attention_archive
from attention_vat.interpret.measures import Seeds
from attention_vat.nn.distances import jensen_shannon
from tests.commands.evaluate_attention_test import make_archive
from tests.interpret.made_up import batch_of, instance, instances
from tests.tiny import tiny_model


@pytest.mark.parametrize("number", [1, 2, 3])
def test_median_over_archives(tmp_path, number):
    archives = [str(make_archive(tmp_path / f"seed{seed}", seed)) for seed in range(1, 1 + number)]
    model, data = tiny_model(dtype=torch.float32), instances(6)
    result = evaluate_attention(model, data, [{"type": "seeds", "archives": archives}], resamples=10, batch_tokens=20)
    others = [load_attention_archive(archive).model for archive in archives]
    for one, found in zip(data, result.sentences):
        batch = batch_of(model, [one])
        divergences, differences = [], []
        for other in others:
            other_batch = batch_of(other, [one])
            divergences.append(float(jensen_shannon(other_batch.attention, batch.attention)[0]))
            differences.append(float((other_batch.probs - batch.probs).abs().sum() / 2))
        assert found.scores["seeds_jsd"] == pytest.approx(numpy.median(divergences), abs=1e-6)
        assert found.scores["seeds_difference"] == pytest.approx(numpy.median(differences), abs=1e-6)
        assert found.scores["max_attention"] == pytest.approx(max(found.attention))
    assert result.metrics["seeds_jsd"].value > 0
    assert result.settings["measures"]["seeds"] == {"archives": archives}


def test_the_model_itself_is_at_no_distance(tmp_path):
    archive = make_archive(tmp_path / "same", 0)
    data = [instance([], "1"), *instances(4)]
    result = evaluate_attention(tiny_model(dtype=torch.float32), data, [Seeds([str(archive)])], resamples=10)
    assert result.metrics["seeds_jsd"].value == pytest.approx(0, abs=1e-6)
    assert result.metrics["seeds_difference"].undefined == 1


def test_errors(tmp_path):
    with pytest.raises(ConfigurationError, match="at least one archive"):
        Seeds([])
    archive = str(make_archive(tmp_path / "other", 0))
    with pytest.raises(ConfigurationError, match="There is no archive .*none.tar.gz"):
        Seeds([archive, str(tmp_path / "none.tar.gz")])
    with pytest.raises(ConfigurationError, match="has other classes or inputs"):
        evaluate_attention(tiny_model(num_labels=3), instances(2), [Seeds([archive])])
    with pytest.raises(ConfigurationError, match="attends to other words"):
        evaluate_attention(tiny_model(dtype=torch.float32, boundary_tokens=1), instances(2), [Seeds([archive])])
