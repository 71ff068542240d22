import torch
from allennlp.common import Params
from allennlp.training import Checkpointer

from attention_vat.training import WholeCheckpointer


def write(directory, epoch, batch, model=True, training=True, cut=None):
    for name, wanted in (("model_state", model), ("training_state", training)):
        path = directory / f"{name}_e{epoch}_b{batch}.th"
        if wanted:
            torch.save({"weights": torch.zeros(1000)}, path)
        if cut == name:
            path.write_bytes(path.read_bytes()[:-300])


def newest(directory):
    files = WholeCheckpointer(str(directory)).find_latest_checkpoint()
    return files and tuple(file.rsplit("state_", 1)[1] for file in files)


def test_goes_back_to_the_last_checkpoint_that_is_whole(tmp_path):
    assert newest(tmp_path) is None
    write(tmp_path, 1, 0)
    write(tmp_path, 1, 5)
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    write(tmp_path, 2, 0, training=False)  # killed between the two files
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    write(tmp_path, 2, 1, cut="training_state")  # killed while writing
    write(tmp_path, 2, 2, training=False, cut="model_state")
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    # What was cut is out of the way: AllenNLP would not write over it.
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model_state_e1_b0.th",
        "model_state_e1_b5.th",
        "training_state_e1_b0.th",
        "training_state_e1_b5.th",
    ]


def test_registered_name(tmp_path):
    config = Params({"type": "whole", "keep_most_recent_by_count": 3})
    assert isinstance(Checkpointer.from_params(config, serialization_dir=str(tmp_path)), WholeCheckpointer)
