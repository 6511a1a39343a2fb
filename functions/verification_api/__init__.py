"""People upload identity and licence documents, and admins review them."""
