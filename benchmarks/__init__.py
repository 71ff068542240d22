"""Speed and memory, always as ratios within one run: absolute times depend on the machine, ratios much less."""
