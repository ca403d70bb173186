#!/usr/bin/env bash
# Run by Snakemake in the new environment, from the folder of the workflow.
set -euo pipefail
python -m pip install --no-deps --require-hashes -r envs/gpu-jax.txt
# Only here is JAX: the rules of cpu.yaml stay with TensorFlow.
mkdir -p "$CONDA_PREFIX/etc/conda/activate.d"
echo "export KERAS_BACKEND=jax" > "$CONDA_PREFIX/etc/conda/activate.d/keras_backend.sh"
