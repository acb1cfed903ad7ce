"""What is measured of networks beyond the history of a run."""
