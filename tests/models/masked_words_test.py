import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.data import Batch, Vocabulary
from allennlp.models import Model, load_archive

from attention_vat.common.encoder_folder import make_encoder
from attention_vat.data.dataset_readers import MaskedWordsReader
from attention_vat.models import MaskedWords
from tests.docs.clone import make_small_encoder

TINY_BERT = "fixtures/tiny_bert"
TEXTS = ["the film is good and the story is good", "a masterpiece", "the cast is dull", "the end of the story"]


def batch_of(texts, **options):
    reader = MaskedWordsReader(TINY_BERT, **{"mask_rate": 0.4, "seed": 3, **options})
    instances = [reader.text_to_instance(text) for text in texts]
    for instance in instances:
        reader.apply_token_indexers(instance)
    batch = Batch(instances)
    batch.index_instances(Vocabulary())
    return batch.as_tensor_dict()


@pytest.fixture
def model():
    torch.manual_seed(1)
    return MaskedWords(Vocabulary(), TINY_BERT, load_weights=False).double().eval()


def test_the_loss_is_the_mean_over_all_that_are_chosen(model):
    batch = batch_of(TEXTS)
    output = model(**batch)
    assert 3 < int(batch["chosen"].sum()) < batch["chosen"].numel()
    hidden = model._embedder(**batch["tokens"]["tokens"])
    weights = model._embedder.transformer_model.embeddings.word_embeddings.weight
    losses = []
    for text in range(len(TEXTS)):
        for place in batch["chosen"][text].nonzero().flatten().tolist():
            scores = weights @ model._transform(hidden[text, place]) + model._bias
            losses.append(scores.logsumexp(0) - scores[batch["target_ids"][text, place]])
    assert output["loss"].item() == pytest.approx(torch.stack(losses).mean().item(), abs=1e-12)
    metrics = model.get_metrics(reset=True)
    assert metrics["perplexity"] == pytest.approx(output["loss"].exp().item())
    right = sum(
        output["logits"][text][:count].argmax(1).eq(batch["target_ids"][text][batch["chosen"][text]]).sum().item()
        for text, count in enumerate(batch["chosen"].sum(1).tolist())
    )
    assert metrics["accuracy"] == pytest.approx(right / len(losses))
    assert model.get_metrics() == {}, "over nothing there is no number"


def test_order_and_padding_change_nothing(model):
    together = model(**batch_of(TEXTS))["logits"]
    for text, own in enumerate(TEXTS):
        alone = model(**batch_of([own]))["logits"]
        assert torch.allclose(together[text, : alone.size(1)], alone[0], atol=1e-12)


def test_a_batch_with_nothing_chosen(model):
    output = model(**batch_of(TEXTS, mask_rate=0.0))
    assert output["loss"].item() == 0.0
    assert output["logits"].shape[:2] == (4, 0)
    output["loss"].backward()
    assert model._transform[0].weight.grad.abs().sum().item() == 0.0
    assert model.get_metrics() == {}


def test_it_says_words(model):
    (output,) = [model.make_output_human_readable(model(**batch_of(TEXTS[:1])))]
    count = int(batch_of(TEXTS[:1])["chosen"].sum())
    assert len(output["words"][0]) == count > 0
    assert all(isinstance(word, str) for word in output["words"][0])


def regularized(regularizer, **options):
    config = {
        "type": "regularized",
        "model": {"type": "masked_words", "model_name": TINY_BERT, "load_weights": False, **options},
        "regularizers": [{"type": regularizer}],
    }
    torch.manual_seed(1)
    return Model.from_params(Params(config), vocab=Vocabulary()).train()


def test_padding_is_no_prediction():
    """R-Drop between the same texts, once beside a text with more masks."""
    model = regularized("r_drop").double()
    few, many = batch_of(["a film"]), batch_of(["a film", " ".join(TEXTS)])
    assert int(many["chosen"][1].sum()) > int(many["chosen"][0].sum()) == int(few["chosen"].sum())
    values = []
    for batch in (few, many):
        clean = model.clean_pass(model.inputs(batch))
        other = clean.logits + torch.linspace(-1, 1, clean.logits.size(-1), dtype=torch.float64) * 3
        values.append(model.divergences(clean, other, lambda a, b: (a - b).square().sum(-1))[0].item())
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert values[0] > 0


@pytest.mark.parametrize("technique", ["vanilla", "adversarial_self_attention", "freelb", "self_attention_vat"])
def test_a_shipped_configuration_and_the_encoder_it_makes(technique, tmp_path):
    encoder = tmp_path / "encoder"
    make_small_encoder(encoder)
    config = tmp_path / "config.jsonnet"
    config.write_text(
        f"(import 'training_configs/sentences_transformer/{technique}.jsonnet') + {{ "
        f"encoder_name:: '{encoder}', warmup_steps:: 1, batch_size:: 4, lr:: 1e-2 }}".replace(
            "training_configs", f"{Path.cwd()}/training_configs"
        )
    )
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps({"tokens": text.split()}) + "\n" for text in TEXTS * 2))
    overrides = {"train_data_path": str(data), "validation_data_path": str(data)}
    train_model(Params.from_file(str(config), overrides), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["best_validation_perplexity"] > 1
    assert ("training_divergence" in metrics) == (technique == "adversarial_self_attention")
    made = make_encoder(tmp_path / "run", tmp_path / "made")
    weights = torch.load(made / "pytorch_model.bin")
    trained = load_archive(tmp_path / "run").model.model._embedder.transformer_model.state_dict()
    before = torch.load(encoder / "pytorch_model.bin")
    assert all(torch.equal(weights[name], trained[name]) for name in trained)
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    assert not torch.equal(weights[name], before[name])
