"""Durable execution: dispatch, handling and completion of updates, delivery of replies."""
