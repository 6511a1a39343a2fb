"""Benchmarks: `python -m tests.bench [NAME...]`, or `make bench`. What each is for: performance.md."""
