"""Sound: samples, their loudness, and the formats that are made of them."""
