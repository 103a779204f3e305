"""Who may do what in stage 2. Roles are those of the cycle: see programmes.permissions."""

import rules

from programmes.permissions import is_coordinator_of

# --- recruitment ---
# Coordinators only: supervisors and those above would be more eyes on a choice that is made without names.
rules.add_perm("training.view_recruitment", is_coordinator_of)
rules.add_perm("training.change_recruitment", is_coordinator_of)
