"""What payments do, one verb per module."""
