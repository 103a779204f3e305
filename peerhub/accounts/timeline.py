"""How what happens to accounts reads in a person's own record."""

from django.utils.translation import gettext_lazy as _

from peerhub.common import timeline

timeline.say("accounts.account_asked", _("An account was asked for"), icon="envelope", private=True)
timeline.say("accounts.account_opened", _("The account was opened"), icon="door-open", private=True)
timeline.say("accounts.address_confirmed", _("A new address was confirmed"), icon="envelope-check", private=True)
timeline.say("accounts.address_change_asked", _("Another address was asked for"), icon="envelope", private=True)
timeline.say("accounts.profile_changed", _("Details were changed"), icon="pencil", private=True)
timeline.say("accounts.reset_asked", _("A new password was asked for"), icon="key", private=True)
timeline.say("accounts.password_changed", _("The password was changed"), icon="key", private=True)
timeline.say("accounts.totp_activated", _("An authenticator app was added"), icon="phone", private=True)
timeline.say("accounts.totp_deactivated", _("The authenticator app was removed"), icon="phone", private=True)
timeline.say("accounts.webauthn_added", _("A passkey was added"), icon="fingerprint", private=True)
timeline.say("accounts.webauthn_removed", _("A passkey was removed"), icon="fingerprint", private=True)
timeline.say("accounts.recovery_codes_generated", _("New recovery codes were made"), icon="key", private=True)
timeline.say("accounts.factor_taken_away", _("An administrator removed a second step"), icon="key", private=True)
timeline.say("accounts.external_ids_changed", _("An administrator changed numbers"), icon="pencil", private=True)
timeline.say("accounts.person_added", _("An administrator added the account"), icon="person-plus", private=True)
timeline.say("accounts.person_changed", _("An administrator changed details"), icon="pencil", private=True)
timeline.say("accounts.person_deactivated", _("The account was closed"), icon="lock", private=True)
timeline.say("accounts.person_reactivated", _("The account was opened again"), icon="unlock", private=True)
timeline.say("accounts.erasure_asked", _("You asked to be forgotten"), icon="trash", private=True)
timeline.say("accounts.erasure_withdrawn", _("You withdrew your request to be forgotten"), icon="trash", private=True)
