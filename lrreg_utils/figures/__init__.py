"""Figures, one file a page. Never torch."""
