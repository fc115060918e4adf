"""What Focus holds: the district's columns and an overlay of what was written since."""
