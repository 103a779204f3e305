"""P13, P14: rosters."""
