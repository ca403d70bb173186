"""What heads left, as tables."""
