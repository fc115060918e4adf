"""How Canvas writes its objects as JSON: one module per object, all keys."""
