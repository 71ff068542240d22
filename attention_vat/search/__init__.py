"""Search for hyperparameters on Ray Tune. Nothing here imports Ray before a search starts."""
