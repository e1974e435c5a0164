"""Formengine: an engine for online benefit application forms."""
