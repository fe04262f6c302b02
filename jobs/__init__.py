"""Rows are the jobs, and Celery is the doorbell: what every app with work to do is built on."""
