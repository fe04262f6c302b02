"""The web pages. They work without scripts; with htmx, parts are updated in place."""
