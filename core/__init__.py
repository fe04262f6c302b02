"""Shared infrastructure without models and without knowledge of any app."""
