"""Images of a dataset: found, decoded, drawn."""
