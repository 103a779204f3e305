"""Stage 3: every leader's labour is rewarded."""
