"""Canvas to Focus: snapshot, match, map, post; `workflows.grade_sync` runs them."""
