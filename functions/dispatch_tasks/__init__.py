"""The deadlines of dispatch."""
