"""One network: its training step, its measures, its checkpoint."""
