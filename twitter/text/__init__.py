"""Text processing: normalisation, links, mentions and hashtags, search terms.

It is independent of models and requests.
"""
