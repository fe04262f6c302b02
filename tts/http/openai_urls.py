"""The addresses under /v1/."""

from django.urls import URLPattern, path

from tts.http import openai

urlpatterns: list[URLPattern] = [
    path("models", openai.models),
    path("audio/speech", openai.speech),
    path("audio/voices", openai.voices),
    path("audio/voices/<str:name>/sample", openai.sample),
]
