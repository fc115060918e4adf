"""A real browser for checks of pages."""

import contextlib
import shutil
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

WAIT_MS = 20_000


def find_chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def chromium() -> Generator[Browser]:
    """Lend a browser without pages; the test is skipped where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on PATH: `apt-get install chromium`")
    with sync_playwright() as playwright:
        # Root in a container has no sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a window that remembers nothing of another."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(WAIT_MS)
    return context


def watched(context: BrowserContext) -> Page:
    """Open a page on which a failing script or a dialog fails the test."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the roster's ran: {dialog.message}"))
    return page


def press(page: Page, name: str) -> None:
    """Press the first button of that name."""
    page.get_by_role("button", name=name, exact=True).first.click()
