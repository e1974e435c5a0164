"""Languages and texts; knows no request."""
