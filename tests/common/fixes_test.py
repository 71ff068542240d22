"""Each test trains as a user would, and fails on the modern stack without the fix that it is named after."""

import json
import random
from pathlib import Path
from typing import Any, Dict, List

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import Model
from allennlp.training import gradient_descent_trainer
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.learning_rate_schedulers import LearningRateScheduler, ReduceOnPlateauLearningRateScheduler

import attention_vat  # noqa: F401  (applies the fixes)
from attention_vat.common.fixes import apply_fixes


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    generator = random.Random(0)
    lines = []
    for number in range(24):
        words = [generator.choice("abcdef") for _ in range(4)] + ["good" if number % 2 else "bad"]
        lines.append(json.dumps({"text": " ".join(words), "label": str(number % 2)}))
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(lines))
    return str(path)


def config(corpus: str, sparse: bool = False, **trainer: Any) -> Params:
    embedding = {"type": "embedding", "embedding_dim": 4, "sparse": sparse}
    return Params(
        {
            "dataset_reader": {"type": "text_classification_json", "tokenizer": {"type": "whitespace"}},
            "train_data_path": corpus,
            "validation_data_path": corpus,
            "model": {
                "type": "basic_classifier",
                "text_field_embedder": {"token_embedders": {"tokens": embedding}},
                "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
            },
            "data_loader": {"batch_size": 4, "shuffle": True},
            "trainer": {"optimizer": {"type": "sgd", "lr": 0.5}, "num_epochs": 2, "cuda_device": -1, **trainer},
        }
    )


def weights(model: Model) -> List[torch.Tensor]:
    return [parameter.detach() for parameter in model.parameters()]


def test_recover_with_numpy_scalars_in_the_training_state(corpus: str, tmp_path: Path) -> None:
    # The learning rates of the cosine scheduler are numpy scalars, and the optimizer's state holds them.
    scheduler = {"type": "cosine", "t_initial": 4}
    directory = tmp_path / "out"
    train_model(config(corpus, learning_rate_scheduler=scheduler, num_epochs=2), str(directory))
    longer = config(corpus, learning_rate_scheduler=scheduler, num_epochs=3)
    longer.to_file(str(directory / "config.json"))

    train_model(longer, str(directory), recover=True)

    assert (directory / "metrics_epoch_2.json").exists()


class Unknown:
    pass


@pytest.mark.skipif(
    not hasattr(torch.serialization, "add_safe_globals"), reason="this torch.load does not check what it loads"
)
def test_other_objects_are_still_refused(tmp_path: Path) -> None:
    torch.save({"object": Unknown()}, tmp_path / "state.th")

    with pytest.raises(Exception, match="Unknown"):
        torch.load(tmp_path / "state.th", weights_only=True)


def test_reduce_on_plateau_trains(corpus: str, tmp_path: Path) -> None:
    scheduler = {"type": "reduce_on_plateau", "patience": 1, "factor": 0.5, "verbose": False}

    train_model(config(corpus, learning_rate_scheduler=scheduler), str(tmp_path / "out"))

    assert (tmp_path / "out" / "model.tar.gz").exists()


def test_reduce_on_plateau_keeps_its_arguments() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    params = Params({"type": "reduce_on_plateau", "mode": "max", "factor": 0.1, "patience": 0, "min_lr": 0.05})
    scheduler = LearningRateScheduler.from_params(params, optimizer=optimizer)

    rates = []
    for metric in [1.0, 2.0, 1.5, 1.5]:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])

    assert rates == pytest.approx([1.0, 1.0, 0.1, 0.05])


def test_reduce_on_plateau_takes_positional_arguments() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)

    scheduler = ReduceOnPlateauLearningRateScheduler(optimizer, "max", 0.25)

    assert scheduler.lr_scheduler.factor == 0.25


@pytest.mark.parametrize("clipping", [{"grad_norm": 0.05}, {"grad_clipping": 0.002}, {"grad_norm": True}])
def test_sparse_gradients_are_clipped_like_dense_ones(corpus: str, tmp_path: Path, clipping: Dict[str, Any]) -> None:
    dense = train_model(config(corpus, **clipping), str(tmp_path / "dense"))
    sparse = train_model(config(corpus, sparse=True, **clipping), str(tmp_path / "sparse"))

    for expected, actual in zip(weights(dense), weights(sparse)):
        torch.testing.assert_close(actual, expected)


@pytest.mark.parametrize("clipping", [{"grad_norm": 0.05}, {"grad_clipping": 0.002}])
def test_clipping_sparse_gradients_changes_them(corpus: str, tmp_path: Path, clipping: Dict[str, Any]) -> None:
    free = train_model(config(corpus, sparse=True), str(tmp_path / "free"))
    clipped = train_model(config(corpus, sparse=True, **clipping), str(tmp_path / "clipped"))

    assert not torch.allclose(weights(free)[0], weights(clipped)[0])


def test_applying_the_fixes_again_changes_nothing() -> None:
    def fixed() -> List[Any]:
        return [
            gradient_descent_trainer.clip_grad_norm_,
            GradientDescentTrainer.clip_gradient,
            ReduceOnPlateauLearningRateScheduler.__init__,
        ]

    before = fixed()
    apply_fixes()

    assert fixed() == before
