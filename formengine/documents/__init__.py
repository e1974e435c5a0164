"""A submission as a sealed PDF."""
