"""The use cases, one module an errand."""
