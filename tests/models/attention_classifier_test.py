import json
import math

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import sanitize
from allennlp.data import Vocabulary
from allennlp.models import Model

from attention_vat.data.fields import CandidatesField
from attention_vat.models.attention_classifier import READ_EVERY
from tests.interpret.made_up import batch_of, instance, pair_instance
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_pair_model, tiny_tokens, tiny_vocabulary


def test_two_classes_have_one_logit_for_the_positive_label():
    model = tiny_model()
    assert (model.num_logits, model.labels[model.positive_index]) == (1, "1")
    other = tiny_model(positive_label="0")
    assert other.labels[other.positive_index] == "0"
    logits = torch.tensor([[math.log(3)]], dtype=torch.float64)
    torch.testing.assert_close(model.probabilities(logits), torch.tensor([[0.25, 0.75]], dtype=torch.float64))
    torch.testing.assert_close(other.probabilities(logits), torch.tensor([[0.75, 0.25]], dtype=torch.float64))
    for either, right in ((model, 1), (other, 0)):
        losses = either.sentence_losses(logits.expand(2, 1), torch.tensor([right, 1 - right]))
        expected = torch.tensor([-math.log(0.75), -math.log(0.25)], dtype=torch.float64)
        torch.testing.assert_close(losses, expected)


def test_the_positive_label_does_not_depend_on_how_frequent_it_is():
    # AllenNLP's vocabularies put the most frequent label first.
    vocabulary = Vocabulary({"labels": {"pos": 9, "neg": 3}, "tokens": {"w": 1}})
    assert vocabulary.get_token_index("pos", "labels") == 0
    model = Model.from_params(
        Params(
            {
                "type": "single_sequence_attention",
                "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 2}}},
                "encoder": {"type": "pass_through", "input_dim": 2},
            }
        ),
        vocab=vocabulary,
    )
    assert model.labels[model.positive_index] == "pos"


def test_several_classes():
    model = tiny_model(num_labels=4)
    assert (model.num_logits, model.positive_index) == (4, None)
    logits = torch.randn(3, 4, dtype=torch.float64)
    torch.testing.assert_close(model.probabilities(logits), logits.softmax(-1))
    expected = torch.nn.functional.cross_entropy(logits, tiny_labels(3, 4), reduction="none")
    torch.testing.assert_close(model.sentence_losses(logits, tiny_labels(3, 4)), expected)


def test_class_weights_multiply_the_losses():
    for num_labels in (2, 3):
        plain, weighted = tiny_model(num_labels=num_labels), tiny_model(num_labels=num_labels, class_weights={"1": 2.5})
        logits, label = torch.randn(4, plain.num_logits, dtype=torch.float64), tiny_labels(4, num_labels)
        factors = torch.where(label == plain.labels.index("1"), 2.5, 1.0).double()
        torch.testing.assert_close(
            weighted.sentence_losses(logits, label), factors * plain.sentence_losses(logits, label)
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"positive_label": "good"}, "positive_label: 'good' is not a label of the data, which has"),
        ({"class_weights": {"2": 1.0}}, "class_weights: '2' is not a label"),
        ({"supervised_weight": 0.0}, "supervised_weight is 0.0, but there are no regularizers"),
        ({"supervised_weight": -1.0}, "supervised_weight is -1.0, but must be at least 0"),
        ({"num_labels": 1}, "has 1 classes, but needs at least 2"),
        ({"label_names": {"0": "no", "1": "yes", "2": "so"}}, "label_names: '2' is not a label of the data, which has"),
        ({"label_names": {"0": "no"}}, r"label_names: the label '1' has no name; name all of \['0', '1'\]"),
        ({"label_names": {"0": "no", "1": " "}}, "label_names: the label '1' has no name"),
        ({"label_names": {"0": "no", "1": "no"}}, "label_names: 'no' is the name of '0' and of another label"),
        ({"num_labels": 3, "positive_label": "1"}, "positive_label needs two classes"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        tiny_model(**arguments)


def test_attention_is_a_distribution_over_the_real_words():
    model = tiny_model()
    clean = clean_pass(model, [5, 1, 0, 3])
    weights = model.attend(clean.encoded, clean.encoded.scores - 500.0)
    torch.testing.assert_close(weights.sum(1), torch.tensor([1.0, 1.0, 0.0, 1.0], dtype=torch.float64))
    assert weights[~clean.encoded.mask].eq(0).all()
    literal = torch.softmax(clean.encoded.scores[3, :3], dim=0)
    torch.testing.assert_close(weights[3, :3], literal)


def test_regularization_only_while_training():
    plain, regularized = tiny_model(), tiny_model(regularizers=[{"type": "attention_vat"}])
    batch = {"tokens": tiny_tokens([4, 3]), "label": tiny_labels(2)}
    plain.eval(), regularized.eval()
    assert plain(**batch)["loss"].item() == regularized(**batch)["loss"].item()
    assert set(regularized.get_metrics(reset=True)) == {"accuracy", "precision", "recall", "f1"}
    regularized.train()
    supervised = plain(**batch)["loss"].item()
    loss = regularized(**batch)["loss"].item()
    metrics = regularized.get_metrics(reset=True)
    assert metrics["supervised_loss"] == pytest.approx(supervised)
    assert loss == pytest.approx(supervised + metrics["kl_labeled"])
    assert metrics["perturbation_norm"] == pytest.approx(5.0)
    assert metrics["unlabeled_share"] == 0.0
    regularized.eval()
    regularized(**batch)
    assert "kl_labeled" not in regularized.get_metrics()


def test_weights_and_schedule_scale_the_regularization():
    batch = {"tokens": tiny_tokens([4, 3]), "label": tiny_labels(2)}
    losses = {}
    for weight, scale in [(1.0, 1.0), (3.0, 1.0), (1.0, 0.5), (0.0, 1.0)]:
        model = tiny_model(regularizers=[{"type": "attention_vat", "weight": weight}])
        model.train()
        model.regularization_scale = scale
        torch.manual_seed(7)
        losses[weight, scale] = model(**batch)["loss"].item()
    supervised = losses[0.0, 1.0]
    added = losses[1.0, 1.0] - supervised
    assert added > 0
    assert losses[3.0, 1.0] - supervised == pytest.approx(3 * added)
    assert losses[1.0, 0.5] - supervised == pytest.approx(0.5 * added)


@pytest.mark.parametrize("weight", [0, 0.25])
def test_the_supervised_loss_has_a_weight_while_training(weight):
    parts = {"regularizers": [{"type": "conicity", "weight": 0.5}]}
    batch = {"tokens": tiny_tokens([5, 3]), "label": tiny_labels(2)}
    model = tiny_model(**parts, supervised_weight=weight)
    loss = model(**batch)["loss"].item()
    metrics = model.get_metrics()
    assert loss == pytest.approx(weight * metrics["supervised_loss"] + 0.5 * metrics["conicity"])
    assert metrics["supervised_loss"] > 0.1
    # Outside of training, the loss is what it always is.
    assert model.eval()(**batch)["loss"].item() == pytest.approx(metrics["supervised_loss"])


def test_several_regularizers_add_up_and_report_apart():
    model = tiny_model(regularizers=[{"type": "attention_vat", "weight": 2.0}, {"type": "attention_ivat"}])
    model.train()
    loss = model(tokens=tiny_tokens([4, 3]), label=tiny_labels(2))["loss"].item()
    metrics = model.get_metrics(reset=True)
    expected = metrics["supervised_loss"] + 2.0 * metrics["kl_labeled_0"] + metrics["kl_labeled_1"]
    assert loss == pytest.approx(expected)


def test_unlabeled_batches_are_drawn_while_training_only():
    model = tiny_model(regularizers=[{"type": "attention_vat"}])
    model.unlabeled_batches = iter([{"tokens": tiny_tokens([6, 2, 3], seed=1), "metadata": [{}] * 3}])
    model.eval()
    model(tokens=tiny_tokens([4, 3]), label=tiny_labels(2))
    model.train()
    model(tokens=tiny_tokens([4, 3]), label=tiny_labels(2))
    assert model.get_metrics(reset=True)["unlabeled_share"] == pytest.approx(3 / 5)
    assert next(model.unlabeled_batches, None) is None


def test_metrics_of_known_predictions():
    model = tiny_model()
    probabilities = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])
    model.metric(probabilities, torch.tensor([0, 1, 0, 1]))
    assert model.get_metrics(reset=True) == pytest.approx({"accuracy": 0.5, "precision": 0.5, "recall": 0.5, "f1": 0.5})
    several = tiny_model(num_labels=3)
    several.metric(torch.eye(3)[[0, 1, 1]], torch.tensor([0, 1, 2]))
    # Precision 1, 1/2, 0 and recall 1, 1, 0: F1 is 1, 2/3, 0.
    assert several.get_metrics(reset=True)["f1"] == pytest.approx((1 + 2 / 3) / 3)


def test_human_readable_output():
    model = tiny_model(num_labels=2)
    model.eval()
    with_metadata = model(tokens=tiny_tokens([2, 3]), metadata=[{"tokens": ["a", "b"]}, {"tokens": ["c", "d", "e"]}])
    output = model.make_output_human_readable(with_metadata)
    assert output["tokens"] == [["a", "b"], ["c", "d", "e"]]
    assert [len(weights) for weights in output["attention"]] == [2, 3]
    assert all(sum(weights) == pytest.approx(1.0) for weights in output["attention"])
    best = output["probs"].argmax(-1).tolist()
    assert output["label"] == [model.labels[index] for index in best]
    # The ids do not know the words of the user.
    assert "tokens" not in model.make_output_human_readable(model(tokens=tiny_tokens([2, 3])))


def test_marks_of_start_and_end_take_no_attention():
    model = tiny_model(boundary_tokens=1)
    model.eval()
    output = model(
        tokens=tiny_tokens([5, 3, 2]), metadata=[{"tokens": list("^abc$")}, {"tokens": ["b"]}, {"tokens": []}]
    )
    assert output["attention"][:, 0].eq(0).all()
    assert output["attention"][0, 4].item() == 0.0
    readable = model.make_output_human_readable(output)
    assert readable["tokens"] == [["a", "b", "c"], ["b"], []]
    assert [len(weights) for weights in readable["attention"]] == [3, 1, 0]


def test_metrics_are_read_once_in_a_while_where_that_takes_time(monkeypatch):
    monkeypatch.setitem(READ_EVERY, "cpu", 3)
    model = tiny_model()
    accuracies = []
    for predicted in (0, 1, 0, 1):
        model.metric(torch.eye(2)[[predicted]], torch.tensor([0]))
        accuracies.append(model.get_metrics()["accuracy"])
    assert accuracies == [1.0, 1.0, 1.0, 0.5]
    model.metric(torch.eye(2)[[0]], torch.tensor([0]))
    assert model.get_metrics(reset=True)["accuracy"] == pytest.approx(3 / 5)
    assert "accuracy" not in model.get_metrics()


def test_training_leaves_the_metadata_alone():
    class Closed(list):
        def __getitem__(self, index):
            raise AssertionError("the metadata was read")

        __iter__ = None

    model = tiny_model()
    model.train()
    model(tokens=tiny_tokens([2, 3]), label=torch.tensor([0, 1]), metadata=Closed([{}, {}]))


def test_labels_that_are_numbers(tmp_path):
    vocabulary = tiny_vocabulary(0)
    parts = {"text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}}}
    config = {"type": "single_sequence_attention", **parts, "encoder": {"type": "pass_through", "input_dim": 6}}
    model = Model.from_params(Params({**config, "num_labels": 3}), vocab=vocabulary)
    assert model.labels == ["0", "1", "2"]
    assert "labels" not in vocabulary._index_to_token
    vocabulary.save_to_files(str(tmp_path))
    assert model.rows_without_meaning() == [0, 1]


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_that_the_model_does_not_have(label):
    with pytest.raises(ConfigurationError, match=rf"^The data has the label '{label}', but .* with \['0', '1'\]"):
        tiny_model()(tokens=tiny_tokens([2, 3]), label=torch.tensor([0, label]))


def test_a_vocabulary_that_grows_by_a_class():
    model = tiny_model()
    model.vocab.add_token_to_namespace("w99")
    model.extend_embedder_vocab()
    assert model.embedding_matrices()[0].size(0) == model.vocab.get_vocab_size()
    model.vocab.add_token_to_namespace("neutral", "labels")
    with pytest.raises(ConfigurationError, match=r"the label 'neutral', but the model was trained with \['0', '1'\]"):
        model.extend_embedder_vocab()


def test_a_label_to_predict_for_that_the_model_does_not_have():
    with pytest.raises(ConfigurationError, match="^The text 'w1 w2' has the label 'neutral', but the model was"):
        tiny_model().forward_on_instance(instance(["w1", "w2"], "neutral"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["decoder.bias", "scorer.context.weight"])
def test_predictions_that_are_no_numbers(name, value):
    model = tiny_model().eval()
    with torch.no_grad():
        dict(model.named_parameters())[name].fill_(value)
    with pytest.raises(ConfigurationError, match="predictions are NaN or infinite"):
        model.forward_on_instance(instance(["w1", "w2"]))
    with pytest.raises(ConfigurationError, match="predictions are NaN or infinite"):
        batch_of(model, [instance(["w1", "w2"])])


def test_logits_of_what_cannot_be_the_answer():
    model = tiny_pair_model(num_labels=3).eval()
    one = pair_instance(["w1"], ["w2"], "0")
    one.add_field("candidates", CandidatesField(["0", "2"]))
    output = sanitize(model.forward_on_instance(one))
    assert [value < -1e30 for value in output["logits"]] == [False, True, False]
    assert output["probs"] == pytest.approx(torch.tensor(output["logits"]).softmax(dim=0).tolist())
    json.dumps(output, allow_nan=False)


def test_other_keys_of_a_line_are_no_words():
    single = instance(["w1"], premise_tokens=["a"], hypothesis_tokens=["b", "c"], text=["d"])
    assert tiny_model().eval().forward_on_instance(single)["tokens"] == ["w1"]
    pair = pair_instance(["w1", "w2"], ["w3"], "0", tokens=["<s>"], hypothesis_tokens=["a"])
    model = tiny_pair_model(num_labels=3).eval()
    assert model.forward_on_instance(pair)["tokens"] == ["w1", "w2"]
    assert batch_of(model, [pair]).sentences[0].tokens == ["w1", "w2"]
    # Nor does the instance get other ones.
    assert pair["metadata"].metadata["tokens"] == ["<s>"]


def test_names_of_labels_stand_beside_labels():
    plain, named = tiny_model(), tiny_model(label_names={"1": "positive", "0": "negative"})
    texts = [instance([f"w{number}"], "1") for number in range(30)]
    for before, after in zip(plain.forward_on_instances(texts), named.forward_on_instances(texts)):
        assert {"label_name", "label_names"} == set(after) - set(before)
        assert after["label"] == before["label"] and after["labels"] == before["labels"]
        assert after["label_name"] == {"0": "negative", "1": "positive"}[after["label"]]
        assert after["label_names"] == [{"0": "negative", "1": "positive"}[label] for label in after["labels"]]
    assert {after["label_name"] for after in named.forward_on_instances(texts)} == {"negative", "positive"}
    assert plain.label_names == {}
