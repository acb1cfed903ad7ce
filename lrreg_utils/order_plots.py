"""Figures of what is learned when. No torch."""
