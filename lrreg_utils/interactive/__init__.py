"""Figures that a reader changes, in the browser."""
