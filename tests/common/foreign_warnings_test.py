import warnings

from attention_vat.common.foreign_warnings import ignore_foreign_warnings


def test_known_ones_are_silent_and_others_are_shown() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        ignore_foreign_warnings()
        warnings.warn("Failed to load image Python extension: libpng", UserWarning, stacklevel=2)
        warnings.warn("pkg_resources is deprecated as an API", DeprecationWarning, stacklevel=2)
        warnings.warn_explicit("old", FutureWarning, "offload.py", 1, module="fairscale.experimental.nn.offload")
        warnings.warn_explicit("old", FutureWarning, "other.py", 1, module="fairscale.nn")
        warnings.warn("Failed to load image Python extension", RuntimeWarning, stacklevel=2)
        warnings.warn("mine", UserWarning, stacklevel=2)
    assert [str(warning.message) for warning in shown] == ["old", "Failed to load image Python extension", "mine"]
