"""What stage 2 has to say, a module per area. Importing this package registers every kind."""

from training.emails import handbooks, recruitment, training

__all__ = ["handbooks", "recruitment", "training"]
