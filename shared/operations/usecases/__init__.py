"""What operations do, one verb a module."""
