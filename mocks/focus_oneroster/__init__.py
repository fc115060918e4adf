"""A Focus SIS that provides OneRoster 1.1, imitated."""
