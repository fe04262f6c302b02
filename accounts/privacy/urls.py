"""The addresses of the pages about one's own data."""

from django.urls import URLPattern, path

from accounts.privacy import views

urlpatterns: list[URLPattern] = [
    path("account/data", views.own_data, name="own-data"),
    path("account/delete", views.delete_account, name="delete-account"),
    path("account/data/<int:pk>.zip", views.download, name="download-data"),
]
