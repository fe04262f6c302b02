"""English formats: one for a moment, short enough for a list and the same in every country."""

DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
