"""Own runs from a notebook: choose, start, watch, stop and go on."""
