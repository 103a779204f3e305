"""forms of the spine."""
