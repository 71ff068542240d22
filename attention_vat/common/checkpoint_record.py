"""The files of a checkpoint, and a record of their checksums and those of the run's files at that time."""

import hashlib
import json
import re
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.common.checksums import checksum, is_whole_zip
from attention_vat.common.whole_file import place_beside, replaced_whole


class Record(NamedTuple):
    """
    The record of a checkpoint.

    # Parameters

    checkpoint, run : `Dict[str, str]`
        Checksums of the checkpoint's files and of the run's files, by name.
    is_best : `bool`
        Whether the model of the checkpoint is the best so far.
    """

    checkpoint: Dict[str, str]
    run: Dict[str, str]
    is_best: bool


class CheckpointFiles(NamedTuple):
    """
    The files of one checkpoint. `best` is a link to the `best.th` of that time; it is missing if the checkpoint itself
    is the best model or no epoch has been validated yet. `record` has the checksums.

    # Examples

        files = CheckpointFiles.at(Path("output/model_state_e1_b0.th"))
        files.is_whole()
    """

    model: Path
    training: Path
    best: Path
    record: Path

    @classmethod
    def at(cls, model_state: Path) -> "CheckpointFiles":
        """Returns the files of the checkpoint with the given `model_state_*.th`."""
        name = model_state.name[len("model_state_") : -len(".th")]
        return cls(
            model_state,
            model_state.with_name(f"training_state_{name}.th"),
            model_state.with_name(f"best_so_far_{name}.th"),
            model_state.with_name(f"checkpoint_{name}.json"),
        )

    def write_record(self, checksums: Dict[str, str], is_best: bool) -> None:
        """
        Writes the record, with the checksums of the run's configuration and vocabulary.

        # Parameters

        checksums : `Dict[str, str]`
            The checksums of the checkpoint's own files, by name.
        is_best : `bool`
        """
        directory = self.record.parent
        others = [directory / "config.json", *sorted((directory / "vocabulary").glob("*.txt"))]
        run = {str(path.relative_to(directory)): checksum(path) for path in others if path.is_file()}
        record = Record(checksums, run, is_best)
        with replaced_whole(self.record) as aside:
            aside.write_text(json.dumps([record._asdict(), _checksum_of(record)], indent=2), encoding="utf-8")

    def read_record(self) -> Optional[Record]:
        """Returns the record; `None` if it is damaged or missing, as in runs of earlier versions."""
        try:
            fields, expected = json.loads(self.record.read_text(encoding="utf-8"))
            record = Record(**fields)
        except (OSError, ValueError, TypeError):
            return None
        return record if _checksum_of(record) == expected else None

    def is_whole(self) -> bool:
        """Whether all files are present and unchanged; without a record this is judged by the CRCs of the zip files."""
        record = self.read_record()
        if record is None:
            return is_whole_zip(self.model) and is_whole_zip(self.training)
        names = record.checkpoint
        if not {self.model.name, self.training.name} <= names.keys():
            return False
        return all(path.name not in names or _matches(path, names[path.name]) for path in self[:3])

    def check_run(self) -> None:
        """
        Raises a `ConfigurationError` if the vocabulary of the run is not the one that the checkpoint was trained with.
        AllenNLP has compared the configuration before.
        """
        record = self.read_record()
        for name, expected in (record.run if record is not None else {}).items():
            path = self.record.parent / name
            if name.startswith("vocabulary/") and not _matches(path, expected):
                raise ConfigurationError(
                    f"{path} is not the vocabulary that the run was trained with: the file is damaged, or the data "
                    "has changed. Restore the original, or start over with --force."
                )

    def remove(self) -> None:
        """Removes all files of the checkpoint, also unfinished ones; the model, which identifies it, comes last."""
        for path in (*self[1:], self.model):
            for name in (path, place_beside(path)):
                if name.exists():
                    name.unlink()


def _checksum_of(record: Record) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _matches(path: Path, expected: str) -> bool:
    try:
        return checksum(path) == expected
    except OSError:
        return False


def every_checkpoint(directory: Path) -> List[CheckpointFiles]:
    """Returns all checkpoints with at least one file in the directory, even if it is damaged or unfinished."""
    pattern = re.compile(r"\.?(?:model_state|training_state|best_so_far|checkpoint)_(e\d+_b\d+)\.(?:th|json)(?:\.new)?")
    names = {match.group(1) for match in (pattern.fullmatch(path.name) for path in directory.iterdir()) if match}
    return [CheckpointFiles.at(directory / f"model_state_{name}.th") for name in sorted(names)]
