"""What `python -m infra.pack` does, step by step."""
