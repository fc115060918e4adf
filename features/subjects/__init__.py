"""Foreign subjects that must pass, and wrong ones that must be caught."""
