import json
from pathlib import Path

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.checkpoint_record import CheckpointFiles, every_checkpoint
from attention_vat.common.checksums import checksum
from attention_vat.common.whole_file import place_beside


@pytest.fixture
def files(tmp_path: Path) -> CheckpointFiles:
    found = CheckpointFiles.at(tmp_path / "model_state_e1_b2.th")
    for path in found[:2]:
        torch.save({"a": torch.ones(3)}, path)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "tokens.txt").write_text("film\n")
    found.write_record({path.name: checksum(path) for path in found[:2]}, is_best=True)
    return found


def test_names(files: CheckpointFiles) -> None:
    assert [path.name for path in files] == [
        "model_state_e1_b2.th",
        "training_state_e1_b2.th",
        "best_so_far_e1_b2.th",
        "checkpoint_e1_b2.json",
    ]


def test_what_is_written_is_read(files: CheckpointFiles) -> None:
    record = files.read_record()
    assert record is not None and record.is_best and files.is_whole()
    assert sorted(record.run) == ["config.json", "vocabulary/tokens.txt"]
    assert sorted(record.checkpoint) == ["model_state_e1_b2.th", "training_state_e1_b2.th"]


@pytest.mark.parametrize("number", [0, 1])
def test_a_file_that_changed_is_noticed(files: CheckpointFiles, number: int) -> None:
    content = bytearray(files[number].read_bytes())
    content[len(content) // 2] ^= 1
    files[number].write_bytes(bytes(content))
    assert not files.is_whole()


def test_a_record_that_changed_counts_as_none(files: CheckpointFiles) -> None:
    record, expected = json.loads(files.record.read_text())
    record["is_best"] = False
    files.record.write_text(json.dumps([record, expected]))
    assert files.read_record() is None
    # The zip archives are whole still, and say so themselves.
    assert files.is_whole()
    files.training.write_bytes(files.training.read_bytes()[:-40])
    assert not files.is_whole()


def test_a_record_that_lacks_a_file_is_no_whole_checkpoint(files: CheckpointFiles) -> None:
    files.write_record({files.model.name: checksum(files.model)}, is_best=False)
    assert not files.is_whole()


def test_another_vocabulary_is_refused(files: CheckpointFiles) -> None:
    files.check_run()
    (files.record.parent / "config.json").write_text('{"a": 1}')
    files.check_run()
    (files.record.parent / "vocabulary" / "tokens.txt").write_text("other\n")
    with pytest.raises(ConfigurationError, match="tokens.txt is not the vocabulary that the run was trained with"):
        files.check_run()


def test_all_of_a_checkpoint_is_found_and_removed(files: CheckpointFiles) -> None:
    directory = files.record.parent
    unfinished = place_beside(directory / "training_state_e3_b0.th")
    for path in (unfinished, directory / "best_so_far_e2_b1.th", directory / "model_state_x.th", directory / "best.th"):
        path.touch()
    found = every_checkpoint(directory)
    assert [each.model.name for each in found] == [f"model_state_{name}.th" for name in ("e1_b2", "e2_b1", "e3_b0")]
    for each in found:
        each.remove()
    assert sorted(path.name for path in directory.iterdir()) == [
        "best.th",
        "config.json",
        "model_state_x.th",
        "vocabulary",
    ]
