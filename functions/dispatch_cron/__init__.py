"""The scheduled sweeps of dispatch."""
