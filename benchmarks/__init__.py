"""Speed and memory, as ratios within one run: these depend much less on the machine than absolute times."""
