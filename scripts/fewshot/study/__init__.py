"""A study: its config read and checked, its grid, and what it calls for."""
