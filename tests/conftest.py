import logging
from functools import lru_cache

import allennlp.commands
import pytest
from hypothesis import HealthCheck, settings

import attention_vat  # noqa: F401  (registers all parts)
from tests.stacks import MODERN

# The machine that runs the tests may be slow or busy, and a failure must come back when the test is run again.
settings.register_profile(
    "attention_vat",
    deadline=None,
    derandomize=True,
    # Mathematics is the same with every version of the libraries.
    max_examples=40 if MODERN else 15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("attention_vat")

QUIETENED = [
    logging.getLogger(name) for name in ("allennlp", "allennlp.common.params", "allennlp.nn.initializers", "ray.tune")
]
# Not what a test finds: a fixture of its module may have given a command before.
LOUD = [(logger.disabled, logger.level) for logger in QUIETENED]


# At every command AllenNLP looks for the modules of all plugins, which takes a second, and makes Python forget where
# the other modules are.
for name in ("import_plugins", "import_module_and_submodules"):
    setattr(allennlp.commands, name, lru_cache(maxsize=None)(getattr(allennlp.commands, name)))


@pytest.fixture(autouse=True)
def loggers_as_they_were():
    """Commands quieten loggers for the rest of their process, which here goes on with other tests."""
    yield
    for logger, (disabled, level) in zip(QUIETENED, LOUD):
        logger.disabled = disabled
        logger.setLevel(level)
