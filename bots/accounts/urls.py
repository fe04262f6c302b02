"""The URLs of pages. Webhooks are routed in project.asgi."""

from django.urls import URLPattern, path

from bots.accounts import views

urlpatterns: list[URLPattern] = [
    path("link/", views.link, name="pachca-link"),
    path("link/<int:pk>/remove", views.unlink, name="pachca-unlink"),
]
