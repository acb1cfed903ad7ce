"""The paper's claims, as functions of runs. Never torch or matplotlib."""
