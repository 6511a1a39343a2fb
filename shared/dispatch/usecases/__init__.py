"""The use cases of dispatch, one file each."""
