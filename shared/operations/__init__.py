"""Running the system: what keeps it going when a process dies between two lines."""
