"""The benchmark: floors and our figures side by side, in one run. `python -m tests.benchmarks` prints the table."""
