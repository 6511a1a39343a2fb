"""The use cases of orders, one verb in each module."""
