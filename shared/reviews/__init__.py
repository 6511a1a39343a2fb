"""Reviews and blocks: what people think of one another, and whom they avoid."""
