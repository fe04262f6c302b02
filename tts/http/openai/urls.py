"""URLs under /v1/."""

from django.urls import URLPattern, path, re_path

from tts.http.openai import views

urlpatterns: list[URLPattern] = [
    path("models", views.models),
    path("models/<str:name>", views.model),
    path("audio/speech", views.speech),
    path("audio/voices", views.voices),
    path("audio/voices/<str:name>/sample", views.sample),
    re_path("", views.unknown),
]
