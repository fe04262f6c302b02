"""Webhook events for bots."""
