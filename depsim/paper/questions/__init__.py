"""Questions about what the paper published."""
