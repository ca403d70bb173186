"""Where networks come from: the libraries that build them, and the files of their weights."""
