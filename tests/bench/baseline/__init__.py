"""The floor: a bare Django site. `/q1/` is the unit of the goals: session, user, one query, a 20-row template."""
