"""Steps, a module per subject of speech: they speak of schools and assert through the oracle."""
