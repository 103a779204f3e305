"""Stage 4: boundaries, concerns and supervision."""
