"""`make bench`: every benchmark that runs on the data of the repository."""

from benchmarks.epoch import main

main()
