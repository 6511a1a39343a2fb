"""Place orders again and again by a recurrence rule."""
