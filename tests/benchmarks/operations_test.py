import pytest
import torch

from benchmarks.operations import of_technique, operations

pytestmark = pytest.mark.skipif(torch.__version__ < "2", reason="modes of dispatch have another form")


def test_operations_count_and_views_do_not():
    calls = operations(lambda: torch.ones(2, 3).add(1).view(6).t())
    assert calls == {"ones": 1, "add": 1}


def test_a_technique_on_attention_adds_no_call_of_the_encoder():
    plain, ours = of_technique("vanilla", 5), of_technique("attention_vat", 5)
    assert ours["mkldnn_rnn_layer"] == plain["mkldnn_rnn_layer"] and ours["embedding"] == plain["embedding"] == 1
    assert sum(plain.values()) < sum(ours.values()) < 2.5 * sum(plain.values())
