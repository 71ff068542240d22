import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.models.pair_sequence import last_states
from tests.tiny import clean_pass, tiny_inputs, tiny_labels, tiny_pair_model, tiny_tokens


@pytest.mark.parametrize("shared", [False, True])
def test_forward_equals_a_literal_version(shared):
    model = tiny_pair_model(shared=shared, num_labels=3)
    model.eval()
    lengths = [4, 2, 1]
    inputs = tiny_inputs(model, lengths)
    output = model(**inputs)
    for row, length in enumerate(lengths):
        premise = inputs["premise"]["tokens"]["tokens"][row : row + 1, :length]
        hypothesis = inputs["hypothesis"]["tokens"]["tokens"][row : row + 1, : min(length, 3)]
        premise_words = model.text_field_embedder({"tokens": {"tokens": premise}})
        hypothesis_words = model.hypothesis_text_field_embedder({"tokens": {"tokens": hypothesis}})
        hidden = model.encoder(premise_words, torch.ones_like(premise, dtype=torch.bool))[0]
        read = model.hypothesis_encoder(hypothesis_words, torch.ones_like(hypothesis, dtype=torch.bool))[0]
        # A bidirectional encoder has read everything at the end forwards and at the beginning backwards.
        last = torch.cat([read[-1, :5], read[0, 5:]]) if shared else read[-1]
        scorer = model.scorer
        scores = torch.stack(
            [
                scorer.context.weight[0] @ torch.tanh(scorer.hidden_projection(state) + scorer.query_projection(last))
                for state in hidden
            ]
        )
        attention = torch.softmax(scores, 0)
        attended = sum(weight * state for weight, state in zip(attention, hidden))
        inner = torch.tanh(model.premise_projection(attended) + model.hypothesis_projection(last))
        torch.testing.assert_close(output["attention"][row, :length], attention)
        torch.testing.assert_close(output["logits"][row], model.decoder(inner))


def test_only_candidates_have_a_probability():
    model = tiny_pair_model(num_labels=5)
    model.train()
    label = tiny_labels(3, 5)
    output = model(**tiny_inputs(model, [5, 3, 4], candidates=True), label=label)
    possible = tiny_inputs(model, [5, 3, 4], candidates=True)["candidates"].bool()
    assert output["probs"][~possible].eq(0).all()
    torch.testing.assert_close(output["probs"].sum(1), torch.ones(3, dtype=torch.float64))
    output["loss"].backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
    # Where no candidate is known, every class is one.
    inputs = tiny_inputs(model, [5, 3, 4], candidates=True)
    inputs["candidates"][1] = 0
    assert model(**inputs)["probs"][1].gt(0).all()


def test_the_second_text_reaches_attention_and_decision():
    model = tiny_pair_model()
    model.eval()
    inputs = tiny_inputs(model, [5])
    other = {**inputs, "hypothesis": tiny_tokens([3], seed=5)}
    first, second = model(**inputs), model(**other)
    assert not torch.allclose(first["attention"], second["attention"])
    assert not torch.allclose(first["logits"], second["logits"])


def test_rows_of_both_matrices():
    separate, shared = tiny_pair_model(), tiny_pair_model(shared=True)
    for model, count in ((separate, 2), (shared, 1)):
        clean = clean_pass(model, [4, 2])
        matrices = model.embedding_matrices()
        assert len(matrices) == count
        rows = torch.cat(matrices)[clean.embedded.ids]
        torch.testing.assert_close(rows, clean.embedded.words)


def test_dropout_acts_before_the_decoder():
    model = tiny_pair_model(dropout=0.5)
    model.train()
    clean = clean_pass(model, [6, 4])
    assert torch.equal(model.decode(clean.encoded, clean.encoded.scores), clean.logits)
    assert not torch.allclose(clean_pass(model, [6, 4]).logits, clean.logits)


def test_embeddings_of_different_size():
    with pytest.raises(ConfigurationError, match="must have the same size, not 6 and 4"):
        tiny_pair_model(
            hypothesis_text_field_embedder={"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
        )


def test_last_states():
    hidden = torch.arange(24.0).view(2, 3, 4)
    mask = torch.tensor([[True, True, False], [False, False, False]])
    assert last_states(hidden, mask, bidirectional=False).tolist() == [[4, 5, 6, 7], [12, 13, 14, 15]]
    assert last_states(hidden, mask, bidirectional=True).tolist() == [[4, 5, 2, 3], [12, 13, 14, 15]]
    assert last_states(hidden[:, :0], mask[:, :0], bidirectional=False).tolist() == [[0] * 4] * 2
