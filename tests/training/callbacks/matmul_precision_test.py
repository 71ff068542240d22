import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback

from attention_vat.training.callbacks import MatmulPrecision


@TrainerCallback.register("precision_seen")
class Seen(TrainerCallback):
    precisions = []

    def on_batch(self, *args, **kwargs):
        self.precisions.append(torch.get_float32_matmul_precision())
        if len(self.precisions) == 4:
            raise RuntimeError("stopped")


def train(directory):
    config = {"type": "matmul_precision", "precision": "medium"}
    params = Params.from_file("training_configs/example/vanilla.jsonnet").as_dict()
    params["dataset_reader"]["max_instances"] = 8
    params["trainer"].update(num_epochs=1, callbacks=[config, "precision_seen"])
    train_model(Params(params), str(directory), return_model=False)


def test_while_a_model_trains(tmp_path):
    Seen.precisions = []
    train(tmp_path / "first")
    assert Seen.precisions == ["medium", "medium"], "a batch of training, one of validation"
    assert torch.get_float32_matmul_precision() == "highest"
    with pytest.raises(RuntimeError, match="stopped"):
        train(tmp_path / "second")
    assert len(Seen.precisions) == 4
    assert torch.get_float32_matmul_precision() == "highest"


def test_another_value(tmp_path):
    with pytest.raises(ConfigurationError, match="precision is 'low', but must be one of highest, high, medium"):
        MatmulPrecision(str(tmp_path), precision="low")
