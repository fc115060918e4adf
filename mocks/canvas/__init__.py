"""A Canvas root account, imitated: SIS imports, REST reads and writes, grades."""
