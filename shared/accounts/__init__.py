"""People: who they are, what they may do, how they are reached and what others think of them."""
