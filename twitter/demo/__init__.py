"""Demo data: a small curated set, and any amount of generated rows."""
