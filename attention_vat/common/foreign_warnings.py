"""Silences warnings of AllenNLP's libraries that users can do nothing about, before AllenNLP is imported."""

import warnings


def ignore_foreign_warnings() -> None:
    """Ignores warnings about torchvision's images, fairscale's offloading and rouge's packaging, and no others."""
    warnings.filterwarnings("ignore", message="Failed to load image Python extension", category=UserWarning)
    warnings.filterwarnings("ignore", category=FutureWarning, module="fairscale.experimental.nn.offload")
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
