"""The language of `q=`: what may be said, how it is read, and how it is written."""
