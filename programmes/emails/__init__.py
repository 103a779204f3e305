"""What the spine has to say, a module per area. Importing this package registers every kind."""

from programmes.emails import (
    announcements,
    bookings,
    cadence,
    closings,
    cover,
    delivery,
    design,
    digest,
    invitations,
    joining,
    messages,
    queues,
    rosters,
    series,
)

__all__ = [
    "announcements",
    "bookings",
    "cadence",
    "closings",
    "cover",
    "delivery",
    "design",
    "digest",
    "invitations",
    "joining",
    "messages",
    "queues",
    "rosters",
    "series",
]
