"""Certification: runs scenarios against a subject and says, with evidence, what it is worth."""
