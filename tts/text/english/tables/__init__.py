"""What short forms, signs and letters stand for in English, as data."""
