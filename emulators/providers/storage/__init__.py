"""A store of files of Google Cloud Storage's shape: signed URLs for people, the JSON API for functions."""
