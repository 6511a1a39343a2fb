"""What tracking can be asked to do, one file each."""
