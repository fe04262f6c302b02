"""Addresses of the bots."""

from django.urls import path

from bots.webhook import webhook

urlpatterns = [path("<slug:slug>/webhook", webhook, name="bot-webhook")]
