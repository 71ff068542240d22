"""Checkpointers."""

from attention_vat.training.checkpointers.whole_checkpointer import WholeCheckpointer

__all__ = ["WholeCheckpointer"]
