"""The kinds of users, one module each; only Locust's own processes import them."""
