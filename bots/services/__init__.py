"""Background services: functions that run by a schedule."""
