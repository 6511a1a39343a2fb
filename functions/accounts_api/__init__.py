"""People read and edit what is kept about them."""
