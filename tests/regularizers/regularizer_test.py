import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import tiny_model


class Constant(Regularizer):
    """A regularizer of somebody else's: the interface is enough."""

    uses_unlabeled = False

    def __call__(self, model, passes):
        self.means.update("constant", passes[0].logits.new_tensor(4.0))
        return passes[0].logits.new_tensor(4.0)


def test_a_model_takes_any_regularizer():
    from tests.tiny import tiny_labels, tiny_tokens

    model = tiny_model()
    model.regularizers = [Constant(weight=0.5)]
    model.train()
    loss = model(tokens=tiny_tokens([3]), label=tiny_labels(1))["loss"].item()
    metrics = model.get_metrics(reset=True)
    assert loss == pytest.approx(metrics["supervised_loss"] + 0.5 * metrics["constant"])


def test_weight():
    assert Constant().weight == 1.0
    with pytest.raises(ConfigurationError, match="weight is -1"):
        Constant(weight=-1)
