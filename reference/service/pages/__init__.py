"""The web pages: connections and schedule, jobs, one plan; and the district's one-time page."""

from homeroom.reference.service.pages.app import create_pages

__all__ = ["create_pages"]
