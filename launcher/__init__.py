"""The local launcher: `manage.py up`, the development server, the embedded broker, demo data.

Installed only with DEBUG on; production does not import it.
"""
