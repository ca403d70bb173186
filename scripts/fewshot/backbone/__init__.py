"""Frozen networks: built, loaded, and read at their layers once for each image."""
