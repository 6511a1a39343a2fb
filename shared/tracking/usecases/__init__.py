"""The use cases of tracking, one file each."""
