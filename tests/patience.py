"""How long a test waits for what happens in another process or thread."""

from __future__ import annotations

HANG_SECONDS = 300.0
"""What takes longer hangs. It is no measure of speed: one machine may be many times slower than another."""
