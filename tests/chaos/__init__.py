"""
The campaign against silent faults: kills, damaged and hostile files, mutated lines, extreme numbers. `make chaos` runs
it and writes docs/reliability.md; `make test` runs a slice of a minute.
"""
