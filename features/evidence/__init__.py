"""What the scenarios of a provider and of a Canvas are judged by: read once, shared by all."""
