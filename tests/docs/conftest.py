from unittest import mock

import pytest


@pytest.fixture(scope="package", autouse=True)
def plugins():
    """The package is imported. To look for other plugins takes seconds."""
    with mock.patch("allennlp.commands.import_plugins"), mock.patch("allennlp.common.plugins.import_plugins"):
        yield
