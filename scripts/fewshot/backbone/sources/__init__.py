"""Where networks come from: each builds its own, loads their weights and names their layers."""
