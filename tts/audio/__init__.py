"""Sound: samples, MP3 frames, and the formats that are made of them."""
