"""Composition only: settings, addresses, processes, and the stories that cross apps."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
