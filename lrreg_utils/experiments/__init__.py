"""What to run: configs, schedules, the experiments of the book, and sweeps over them. Never torch."""
