"""What the spine has to say, a module per area. Importing this package registers every kind."""

from programmes.emails import cadence, delivery, digest, invitations, joining, messages, rosters, series

__all__ = ["cadence", "delivery", "digest", "invitations", "joining", "messages", "rosters", "series"]
