"""services of the spine."""
