"""Russian formats: one for a moment, and a day of a month in the genitive ("28 ноября")."""

DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "d.m.Y H:i"
MONTH_DAY_FORMAT = "j E"
