"""From what was written to what is said: markup, words, languages, sentences."""
