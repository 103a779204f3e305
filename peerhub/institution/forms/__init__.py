"""Forms about the organisation."""
