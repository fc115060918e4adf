"""The reference service as a service: HTTP API, web pages, and what an admin does with them.

Layers: `front` and `serving` take requests; `api` and `pages` answer them; both go through `desk`.
"""
