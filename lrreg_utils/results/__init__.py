"""What runs leave behind: histories, and the numbers read from them. Never torch or matplotlib."""
