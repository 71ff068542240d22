import copy
import re

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common.checks import ConfigurationError

from attention_vat.training.callbacks.cuda_graphs import obstacle_to_recording
from attention_vat.training.recorded_forward import RecordedForward
from tests.tiny import steady_noise, tiny_inputs, tiny_labels, tiny_model, tiny_pair_model
from tests.tiny_transformers import tiny_transformer_classifier, tiny_words
from tests.training.runs import outcome, params, small_run

on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.mark.parametrize(
    "make, parts, obstacle",
    [
        (tiny_model, {}, None),
        (tiny_model, {"regularizers": [{"type": "attention_vat"}, {"type": "word_vat"}]}, None),
        (tiny_model, {"regularizers": [{"type": "attention_ivat"}], "dropout": 0.3}, None),
        (tiny_pair_model, {"regularizers": [{"type": "attention_at"}, {"type": "attention_rp"}]}, None),
        (
            tiny_model,
            {"regularizers": [{"type": "word_vat"}], "dropout": 0.3},
            "the dropout of the model, which .* a second",
        ),
        (
            tiny_model,
            {"regularizers": [{"type": "word_ivat"}]},
            "the regularizer PerturbationRegularizer.*NearestWords",
        ),
        (tiny_model, {"encoder": {"type": "pass_through", "input_dim": 6}}, "the encoder PassThroughEncoder"),
        (tiny_transformer_classifier, {"regularizers": [{"type": "adversarial_self_attention"}]}, None),
        (tiny_transformer_classifier, {"regularizers": [{"type": "r_drop"}]}, None),
        (
            tiny_transformer_classifier,
            {"regularizers": [{"type": "self_attention_vat"}]},
            "the regularizer SelfAttentionPerturbation",
        ),
        (
            tiny_transformer_classifier,
            {"regularizers": [{"type": "random_attention_mask"}]},
            "the regularizer RandomAttentionMask",
        ),
    ],
)
def test_what_can_be_recorded(make, parts, obstacle):
    found = obstacle_to_recording(make(**parts))
    if obstacle is None:
        assert found is None
    else:
        assert found.endswith("cannot")
        assert re.search(obstacle, found)


def test_without_a_gpu_training_is_what_it_is(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is one")
    train_model(params(small_run()), str(tmp_path / "plain"))
    config = small_run()
    config["trainer"]["callbacks"].append({"type": "cuda_graphs"})
    train_model(params(config), str(tmp_path / "graphs"))
    ours, plain = outcome(tmp_path / "graphs"), outcome(tmp_path / "plain")
    assert ours["best.th"] == plain["best.th"]


@pytest.mark.parametrize(
    "change, message",
    [
        (
            {"num_gradient_accumulation_steps": 2},
            "num_gradient_accumulation_steps above 1 cannot be recorded; remove this",
        ),
        ({"callbacks": [{"type": "cuda_graphs", "max_shapes": 0}]}, "max_shapes is 0, but must be at least 1"),
    ],
)
def test_errors(tmp_path, change, message):
    config = small_run()
    config["trainer"]["callbacks"] = [{"type": "cuda_graphs"}]
    config["trainer"].update(change)
    with pytest.raises(ConfigurationError, match=message):
        train_model(params(config), str(tmp_path / "run"))


def test_it_is_for_models_of_this_package(tmp_path):
    config = small_run()
    config["trainer"]["callbacks"] = [{"type": "cuda_graphs"}]
    config["model"] = {
        "type": "basic_classifier",
        "text_field_embedder": config["model"]["text_field_embedder"],
        "seq2vec_encoder": {"type": "bag_of_embeddings", "embedding_dim": 6},
    }
    with pytest.raises(ConfigurationError, match="a model of type BasicClassifier cannot be recorded"):
        train_model(params(config), str(tmp_path / "run"))


@on_gpu
@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model, tiny_transformer_classifier])
@pytest.mark.parametrize("technique", [None, "attention_vat", "word_vat", "r_drop", "adversarial_self_attention"])
def test_replayed_steps_are_those_of_the_model(make, technique, monkeypatch):
    monkeypatch.setattr(torch, "randn_like", steady_noise)
    regularizers = [] if technique is None else [{"type": technique}]
    try:
        # In single precision the direction of a small divergence is noise: two ways to compute it differ by much.
        model = make(regularizers=regularizers, dtype=torch.float64).cuda().train()
    except ConfigurationError:
        pytest.skip("a technique for other models")
    twin = copy.deepcopy(model)
    model.forward = RecordedForward(model)
    for number in range(6):
        lengths = [4, 2] if number % 2 else [9, 3]
        is_transformer = make is tiny_transformer_classifier
        fields = {"tokens": tiny_words(lengths, number)} if is_transformer else tiny_inputs(model, lengths, seed=number)
        fields = torch.utils._pytree.tree_map(lambda tensor: tensor.cuda(), fields)
        for each in (model, twin):
            each.zero_grad()
            each(**fields, label=tiny_labels(2).cuda())["loss"].backward()
            torch.optim.SGD(each.parameters(), lr=0.01).step()
    torch.testing.assert_close(model.state_dict(), twin.state_dict(), rtol=1e-4, atol=1e-5)
    assert model.get_metrics(reset=True) == pytest.approx(twin.get_metrics(reset=True), rel=1e-4)
    assert model.forward.num_recorded == 2
