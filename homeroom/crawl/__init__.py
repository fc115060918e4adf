"""Reads a whole live provider, page by page, into files and a district zip that loads again."""
