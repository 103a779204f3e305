"""Stage 2: leaders are trained, equipped and assessed before they meet students."""
