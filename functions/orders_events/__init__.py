"""The consumer of events after which orders change."""
