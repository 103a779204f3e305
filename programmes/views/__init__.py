"""views of the spine."""
