"""Addresses about people. Ours come before allauth's of the same name: the first match answers."""

from django.urls import include, path

from peerhub.accounts.views import privacy, profile, sign_up, statements

urlpatterns = [
    # opening an account
    path("accounts/signup/", sign_up.sign_up, name="account_signup"),
    path("accounts/confirm-email/<str:key>/", sign_up.confirm_email, name="account_confirm_email"),
    path("accounts/confirm/", sign_up.confirm, name="account_confirm"),
    path("accounts/invitation/<str:token>/", sign_up.invitation, name="account_invitation"),
    path("accounts/join/", sign_up.join, name="account_join"),
    path("accounts/", include("allauth.urls")),
    # oneself
    path("me/", profile.profile, name="profile"),
    path("me/privacy/", privacy.privacy, name="privacy"),
    path("me/privacy/download/", privacy.privacy_download, name="privacy_download"),
    path("me/privacy/erase/", privacy.erasure_ask, name="erasure_ask"),
    path("me/privacy/erase/withdraw/", privacy.erasure_withdraw, name="erasure_withdraw"),
    path("language/", profile.language_choose, name="set_language"),
    # how things are
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy_notice, name="privacy_notice"),
    path("safety/", statements.safety, name="safety"),
    path("help/", statements.help_page, name="help"),
]
