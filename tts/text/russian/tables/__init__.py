"""What short forms, signs and letters stand for in Russian, as data."""
