"""Stage 5: a stated rationale, fair measures, honest results."""
