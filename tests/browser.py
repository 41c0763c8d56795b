"""Real Chromium for tests of pages, with the network cut.

Import both fixtures where pages are tested::

    from browser import chromium, new_sheet  # noqa: F401

    def test_page(new_sheet, tmp_path):
        sheet = new_sheet(width=360, scheme="dark")
        sheet.open(tmp_path / "report.html")
        assert not sheet.overflowing()
        assert not sheet.axe()
        sheet.assert_silent()

Where no Chromium is found the tests are skipped; with ``CI=true`` in the environment they fail instead. One browser is
started for each process that runs tests, whatever the number of modules that use it.
"""

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LOCAL = ("file:", "data:", "about:", "blob:")
PATIENCE_MS = 60_000
"""Machines with two cores run much beside this."""


@dataclass
class Sheet:
    """A page in a context of its own, and everything it asked for or complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    """Addresses of all requests, those that were let through as well."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings on the console, and exceptions nobody caught."""

    def open(self, path: Path) -> None:
        """Open a file from disk, as by a double click."""
        self.page.goto(path.absolute().as_uri(), wait_until="load")

    def foreign(self) -> list[str]:
        """Requests for anything but the page itself and what it carries: other files count too."""
        own = self.page.url.partition("#")[0]
        return [u for u in self.asked if u.partition("#")[0] != own and not u.startswith(("data:", "about:", "blob:"))]

    def assert_silent(self) -> None:
        """Nothing was asked of anybody, and the console is empty."""
        assert self.foreign() == []
        assert self.complaints == []

    def axe(self, leave_out: str = "") -> list[str]:
        """Violations that axe-core finds, a line each with the first places.

        It takes seconds for each thousand elements: ``leave_out="svg *"`` spares drawings that hold nothing but lines.
        """
        from axe_playwright_python.sync_playwright import Axe

        context = {"exclude": [[leave_out]]} if leave_out else None
        found = Axe().run(self.page, context=context).response["violations"]
        return [
            f"{v['id']} ({v['impact']}): {v['help']}; {len(v['nodes'])}×, "
            + " | ".join(n["html"][:160] for n in v["nodes"][:3])
            for v in found
        ]

    def overflowing(self) -> list[str]:
        """Elements that make the page itself scroll sideways: nothing where it does not."""
        return self.page.evaluate(
            """() => {
                const root = document.scrollingElement, wide = root.clientWidth;
                if (root.scrollWidth <= wide) return [];
                const out = [...document.body.querySelectorAll('*')]
                    .filter(e => e.getBoundingClientRect().right > wide + 0.5)
                    .map(e => `${e.tagName} ${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
                return [`page ${root.scrollWidth} > ${wide}`, ...out.slice(0, 8)];
            }"""
        )

    def colour(self, selector: str, name: str = "background-color") -> tuple[float, ...]:
        """A colour as the browser works it out, as numbers."""
        text = self.page.eval_on_selector(selector, f"e => getComputedStyle(e).getPropertyValue({name!r})")
        return tuple(float(x) for x in re.findall(r"[\d.]+", text))

    def printed(self, **options: Any) -> list[str]:
        """The text of each page of its PDF, as printed on A4."""
        from pypdf import PdfReader

        data = self.page.pdf(format="A4", prefer_css_page_size=True, print_background=True, **options)
        return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


@cache
def _started() -> tuple[Any, Any]:
    """Start the browser, once for this process."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path is not None
    player = sync_playwright().start()
    return player, player.chromium.launch(executable_path=path, args=list(FLAGS), timeout=PATIENCE_MS)


def _stop() -> None:
    """End the browser; whoever comes later finds it ended."""
    if _started.cache_info().currsize:
        player, browser = _started()
        _started.cache_clear()
        browser.close()
        player.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Real Chromium; each module that imports this has a fixture of its own, and all share one browser."""
    if not any(map(shutil.which, NAMES)):
        reason = f"no Chromium: none of {', '.join(NAMES)} is on the path"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; .ci/run installs it")
        pytest.skip(reason)
    yield _started()[1]
    _stop()


@pytest.fixture
def new_sheet(chromium: Any) -> Iterator[Callable[..., Sheet]]:
    """Make pages: ``new_sheet(width=1280, height=900, scheme="light", lang="nl-NL", **context)``."""
    contexts: list[Any] = []

    def make(width: int = 1280, height: int = 900, scheme: str = "light", lang: str = "nl-NL", **given: Any) -> Sheet:
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, color_scheme=scheme, locale=lang, offline=True, **given)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        sheet = Sheet(context.new_page())
        # offline says no to what goes out; aborting says so at once, and tells one from a page that is merely slow
        context.route(re.compile(f"^(?!{'|'.join(LOCAL)})"), lambda route: route.abort())
        context.route_web_socket(re.compile(".*"), lambda socket: (sheet.asked.append(socket.url), socket.close()))
        context.on("request", lambda request: sheet.asked.append(request.url))
        context.on(
            "console",
            lambda m: sheet.complaints.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None,
        )
        context.on("weberror", lambda error: sheet.complaints.append(f"exception: {error.error}"))
        return sheet

    yield make
    for context in contexts:
        context.close()
