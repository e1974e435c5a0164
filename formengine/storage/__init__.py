"""The stores: the only SQL."""
