"""What can be done with an order, one verb a module."""
