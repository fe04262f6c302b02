"""Text in Russian and English: lemmas and normal forms."""
