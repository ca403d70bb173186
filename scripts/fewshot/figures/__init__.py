"""Figures with their captions."""
