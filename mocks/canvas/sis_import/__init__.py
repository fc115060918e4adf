"""SIS imports: one module per CSV type, and the machinery that runs them."""
