"""Classifiers on what a layer says: trained, checked, kept."""
