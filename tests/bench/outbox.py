"""P11, P12, R1, R2: mail."""
