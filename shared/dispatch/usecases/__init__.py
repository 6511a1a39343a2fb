"""What dispatch can be asked to do, one file each."""
