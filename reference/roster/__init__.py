"""Focus to Canvas: read, map, compare, plan, apply, verify; `workflows.night` runs them."""
