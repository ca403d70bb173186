"""Classifiers taken away: a folder that names the classes of images by itself."""
