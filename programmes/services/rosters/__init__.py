"""Rosters: uploading, checking, importing and undoing. Reading the files themselves is programmes.rosters' work."""
