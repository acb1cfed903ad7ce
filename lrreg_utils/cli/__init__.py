"""The commands of ``python -m lrreg_utils``."""
