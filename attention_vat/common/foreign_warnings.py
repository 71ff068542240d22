"""Called before AllenNLP is imported, whose libraries warn of what its users cannot change."""

import warnings


def ignore_foreign_warnings() -> None:
    """Of torchvision's pictures, fairscale's offloading and rouge's packaging; warnings of anything else are shown."""
    warnings.filterwarnings("ignore", message="Failed to load image Python extension", category=UserWarning)
    warnings.filterwarnings("ignore", category=FutureWarning, module="fairscale.experimental.nn.offload")
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
