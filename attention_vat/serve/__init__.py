"""A local page to try models."""

from attention_vat.serve.app import make_app
from attention_vat.serve.serve import serve

__all__ = ["make_app", "serve"]
