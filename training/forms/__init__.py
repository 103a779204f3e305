"""Stage 2, a file per aggregate."""
