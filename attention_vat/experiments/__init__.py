"""The engine that trains many runs: `search`, `reproduce` and `make train` say which, and this package does it."""
