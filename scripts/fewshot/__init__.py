"""What fewshot knows: draws, extraction, compaction, heads, their file formats and figures."""
