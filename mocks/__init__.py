"""Both ends of the integration, faked around one ground truth."""
