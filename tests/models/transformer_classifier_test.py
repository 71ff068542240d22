import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Vocabulary

from attention_vat.data.dataset_readers import TransformerTextReader
from attention_vat.data.token_indexers import TransformerWordsIndexer
from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.importance import gradient_importance
from attention_vat.models import TransformerClassifier
from attention_vat.models.transformer_classifier import rollout
from attention_vat.regularizers import AdversarialSelfAttention, PerturbationRegularizer, RDrop

TINY_BERT = "fixtures/tiny_bert"
TEXTS = [("the filming is good", "1"), ("bad film", "0"), ("a good and long film it is", "1"), ("", "0")]


@pytest.fixture
def reader():
    return TransformerTextReader({"tokens": TransformerWordsIndexer(TINY_BERT)})


@pytest.fixture
def instances(reader):
    instances = [reader.text_to_instance(text, label=label, id=f"s{n}") for n, (text, label) in enumerate(TEXTS)]
    for instance in instances:
        reader.apply_token_indexers(instance)
    return instances


def made(instances, **settings):
    torch.manual_seed(1)
    vocab = Vocabulary.from_instances(instances)
    return TransformerClassifier(vocab, TINY_BERT, load_weights=False, dropout=0.0, **settings)


def batch_of(model, instances):
    batch = Batch(instances)
    batch.index_instances(model.vocab)
    return batch.as_tensor_dict()


def test_is_the_transformer_with_a_layer_on_its_first_token(instances):
    model = made(instances).eval()
    tensors = batch_of(model, instances)
    ids = tensors["tokens"]["tokens"]
    hidden = model.transformer(ids["token_ids"], ids["wordpiece_mask"].long(), ids["type_ids"])[0]
    expected = torch.sigmoid(model._layer(hidden[:, 0])).squeeze(-1)
    torch.testing.assert_close(model(**tensors)["probs"][:, model.positive_index], expected)


@pytest.mark.parametrize("reading", ["last_layer", "rollout"])
def test_attention_is_that_of_the_first_token_summed_over_word_pieces(instances, reading):
    model = made(instances, reading=reading).eval()
    tensors = batch_of(model, instances[:1])
    ids = tensors["tokens"]["tokens"]
    output = model.transformer(ids["token_ids"], ids["wordpiece_mask"].long(), output_attentions=True)
    layers = [layer.mean(dim=1)[0] for layer in output.attentions]
    identity = torch.eye(len(layers[0]))
    mixed = layers[-1]
    if reading == "rollout":
        mixed = (layers[1] / 2 + identity / 2) @ (layers[0] / 2 + identity / 2)
    sums = torch.stack([mixed[0, first : last + 1].sum() for first, last in ids["offsets"][0].tolist()])
    assert ids["offsets"][0, 1, 1] > ids["offsets"][0, 1, 0], "a word of several pieces"
    prediction = model.forward_on_instances(instances[:1])[0]
    assert prediction["tokens"] == ["the", "filming", "is", "good"]
    torch.testing.assert_close(torch.tensor(prediction["attention"]), sums / sums.sum())


def test_rollout_by_hand():
    layer = torch.tensor([[[0.5, 0.5], [0.0, 1.0]]])
    assert rollout([layer]).tolist() == [[[0.75, 0.25], [0.0, 1.0]]]
    assert rollout([layer, layer]).tolist() == [[[0.5625, 0.4375], [0.0, 1.0]]]


def test_predictions_do_not_depend_on_the_batch(instances):
    model = made(instances).eval()
    together = model.forward_on_instances(instances)
    for instance, expected in zip(instances, together):
        (alone,) = model.forward_on_instances([instance])
        assert alone["attention"] == pytest.approx(expected["attention"], abs=1e-5)
        assert alone["probs"] == pytest.approx(expected["probs"], abs=1e-5)
    assert len(together[3]["attention"]) == 0 and together[0]["attention"].sum() == pytest.approx(1.0)


def test_importance_is_the_gradient_of_the_embeddings_of_words(instances):
    model = made(instances).double().eval()
    tensors = batch_of(model, instances[:1])
    importance = gradient_importance(model, tensors)[0]
    embedded = model.embed(model.inputs(tensors))
    step = 1e-6
    for word in range(4):
        moved = []
        for sign in (1, -1):
            words = embedded.words.clone()
            words[0, word] *= 1 + sign * step
            encoded = model.encode(embedded._replace(words=words))
            probs = model.probabilities(model.decode(encoded, encoded.scores))
            moved.append(probs[0, model.positive_index].item())
        assert importance[word].item() == pytest.approx(abs(moved[0] - moved[1]) / (2 * step), rel=1e-4, abs=1e-12)


def test_what_would_put_other_attention_in_the_place_of_the_models_does_not_apply(instances, caplog):
    model = made(instances)
    result = evaluate_attention(model, instances, "all", resamples=10)
    for name in ("permutation", "uniform", "adversarial_attention"):
        assert f"'{name}' is left out: the prediction of TransformerClassifier does not depend" in caplog.text
    assert {"pearson", "loo_pearson"} & set(result.metrics)
    assert not [name for name in result.curves if name.startswith("scores_")]
    assert [name for name in result.curves if name.startswith("embeddings_")]
    with pytest.raises(ConfigurationError, match="'uniform' does not apply: the prediction of TransformerClassifier"):
        evaluate_attention(model, instances, "uniform")


@pytest.mark.parametrize(
    "regularizer",
    [AdversarialSelfAttention, RDrop, PerturbationRegularizer.word_vat, PerturbationRegularizer.word_at],
)
def test_trains_with(instances, regularizer):
    model = made(instances, regularizers=[regularizer()])
    model.train()
    output = model(**batch_of(model, instances))
    output["loss"].backward()
    embeddings = model.transformer.get_input_embeddings().weight
    assert torch.isfinite(output["loss"]) and embeddings.grad.abs().sum() > 0


def test_the_gradient_of_a_plain_step_is_that_of_the_transformer(instances):
    model = made(instances).double()
    model.train()
    tensors = batch_of(model, instances)
    model(**tensors)["loss"].backward()
    embeddings = model.transformer.get_input_embeddings().weight
    found = embeddings.grad.clone()
    embeddings.grad = None
    ids = tensors["tokens"]["tokens"]
    hidden = model.transformer(ids["token_ids"], ids["wordpiece_mask"].long(), ids["type_ids"])[0]
    model.sentence_losses(model._layer(hidden[:, 0]), tensors["label"]).mean().backward()
    torch.testing.assert_close(found, embeddings.grad)


def test_attention_that_does_not_decide_is_not_perturbed(instances):
    with pytest.raises(ConfigurationError, match="does not depend on the attention that it shows"):
        made(instances, regularizers=[PerturbationRegularizer.attention_vat()])


def test_mistakes(instances, reader):
    with pytest.raises(ConfigurationError, match="reading is 'first', but must be one of"):
        made(instances, reading="first")
    model = made(instances).eval()
    with pytest.raises(ConfigurationError, match="use the token indexer 'transformer_words'"):
        model.embed({"tokens": {"tokens": {"tokens": torch.zeros(1, 2).long()}}})
