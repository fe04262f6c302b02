"""The addresses of people's pages; what Pachca posts to is routed before Django."""

from django.urls import URLPattern, path

from bots import pages

urlpatterns: list[URLPattern] = [
    path("link/", pages.link, name="pachca-link"),
    path("link/<int:pk>/remove", pages.unlink, name="pachca-unlink"),
]
