"""What the spine has to say, a module per area. Importing this package registers every kind."""

from programmes.emails import delivery, invitations, joining, messages, rosters

__all__ = ["delivery", "invitations", "joining", "messages", "rosters"]
