"""What stage 2 has to say, a module per area. Importing this package registers every kind."""

from training.emails import awards, deliveries, handbooks, inactive, offers, recruitment, training

__all__ = ["awards", "deliveries", "handbooks", "inactive", "offers", "recruitment", "training"]
