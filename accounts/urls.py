"""The addresses of the pages for accounts. Those of allauth keep its names, which it looks up."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, URLResolver, path, re_path

from accounts.pages import invitations, mailing, overview, sessions, sso
from accounts.single_sign_on import PROVIDER

urlpatterns: list[URLPattern | URLResolver] = [
    path("login", sso.sign_in, name="login"),
    path("login", sso.sign_in, name="account_login"),
    path("logout", allauth.logout, name="logout"),
    path("logout", allauth.logout, name="account_logout"),
    path("login/sso", sso.login, {"provider_id": PROVIDER}, name="openid_connect_login"),
    path(
        "login/sso/callback",
        sso.callback,
        {"provider_id": PROVIDER},
        name="openid_connect_callback",
    ),
    path("login/pachca", sso.login_with_pachca, name="pachca_login"),
    path("login/pachca/callback", sso.return_from_pachca, name="pachca_callback"),
    path("login/sso/cancelled", sso.cancelled, name="socialaccount_login_cancelled"),
    path("login/sso/refused", sso.refuse, name="socialaccount_signup"),
    path("account", overview.account, name="account"),
    path("account/pachca/revoke", overview.revoke_pachca, name="revoke-pachca"),
    path("account/join", allauth.signup, name="account_signup"),
    path("account/inactive", allauth.account_inactive, name="account_inactive"),
    path("account/confirm", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/password", allauth.password_change, name="account_change_password"),
    path("account/password/new", allauth.password_set, name="account_set_password"),
    path("account/email", mailing.email, name="account_email"),
    path(
        "account/email/sent",
        allauth.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("account/email/<str:key>", allauth.confirm_email, name="account_confirm_email"),
    path("password", mailing.password_reset, name="account_reset_password"),
    path("password/sent", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/done",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("login/second-factor", mfa.authenticate, name="mfa_authenticate"),
    path("login/passkey", sso.login_by_passkey, name="mfa_login_webauthn"),
    path("account/confirm/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/second-factor", mfa.index, name="mfa_index"),
    path("account/app", totp.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "account/codes/download",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/passkeys", overview.second_factor, name="mfa_list_webauthn"),
    path("account/passkeys/add", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/sessions", sessions.sessions, name="usersessions_list"),
    path("account/sessions/end", sessions.end, name="end-sessions"),
    path("invitations", invitations.invitations, name="invitations"),
    path("invitations/<int:pk>/revoke", invitations.revoke, name="revoke-invitation"),
    path("invitations/<str:token>", invitations.accept, name="invitation"),
]
