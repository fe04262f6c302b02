"""The addresses of SCIM: everything below /scim/v2."""

from django.urls import URLPattern, path

from accounts.scim.views import scim

urlpatterns: list[URLPattern] = [
    path("scim/v2", scim, name="scim"),
    path("scim/v2/", scim),
    path("scim/v2/<path:path>", scim),
]
