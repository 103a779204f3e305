"""Who may do what in stage 2. Roles are those of the cycle: see programmes.permissions."""
