from types import SimpleNamespace

from attention_vat.common.replacing import in_place_of


def test_takes_a_place_once():
    module = SimpleNamespace(add=lambda a, b: a + b)
    importer = SimpleNamespace(add=module.add)

    def apply():
        @in_place_of("add", module, importer)
        def add(original, a, b):
            return 10 * original(a, b)

    apply()
    apply()
    assert module.add(1, 2) == importer.add(1, 2) == 30
