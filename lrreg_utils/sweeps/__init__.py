"""Many networks: side by side on this machine, or as jobs on a cluster."""
