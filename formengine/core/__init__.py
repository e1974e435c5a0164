"""The pure core: what a form means. No input or output, no clock, no wording."""
