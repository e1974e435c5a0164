"""Languages and texts: catalogues, formats of a language, and what people type in it. Knows no request."""
