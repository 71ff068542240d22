import hashlib

import torch

from attention_vat.common.checksums import checksum, is_whole_zip
from tests.training.damage import DAMAGES, damage


def test_checksum(tmp_path):
    content = bytes(range(256)) * 9000
    (tmp_path / "file").write_bytes(content)
    assert checksum(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_damaged_zip_archives(tmp_path):
    path = tmp_path / "weights.th"
    for how in {*DAMAGES, "removed"} - {"changed at the end"}:  # there only a checksum sees it
        torch.save({"weights": torch.arange(1000)}, path)
        assert is_whole_zip(path)
        damage(path, how)
        assert not is_whole_zip(path), how
