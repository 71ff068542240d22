import gc

import pytest

import attention_vat  # noqa: F401  (pauses it during its imports)
from attention_vat.common.garbage import without_collection


def test_it_collects_again_afterwards():
    assert gc.isenabled()
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_collects_again_after_an_error():
    with pytest.raises(ImportError), without_collection():
        raise ImportError
    assert gc.isenabled()


def test_it_stays_off_if_it_was_off():
    gc.disable()
    try:
        with without_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
