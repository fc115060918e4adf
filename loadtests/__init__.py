"""Load profiles: what consumers do to a provider, and the limits that decide the exit code."""
