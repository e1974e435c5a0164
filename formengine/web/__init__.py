"""The two sites; the only package that knows Flask."""
