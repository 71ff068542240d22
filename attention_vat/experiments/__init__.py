"""The engine that trains the runs of `search`, `reproduce` and `make train`."""
