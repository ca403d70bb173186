"""What fewshot knows: draws, extraction, compaction, heads, their file formats and figures."""

import os

# Read when h5py is imported. Keras opens weights itself, and locks fail on NFS and Lustre.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
