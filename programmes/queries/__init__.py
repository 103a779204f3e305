"""queries of the spine."""
