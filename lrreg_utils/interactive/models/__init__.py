"""What each interactive figure asks its model for: settings and numbers, as plain values."""
