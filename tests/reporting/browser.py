"""Chromium without a window, as a reader of the report would use it."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

NEEDED = ("chromium", "chromedriver")

# Blocks that must hold all that is in them; what scrolls in a box of its own may be wider than the box.
CUT_OFF = """
const blocks = 'main > section, .alarm, .standing, .headlines > li, figure, .plot, .plot th, .plot td, ' +
  '.finding, pre.command, dd, li, h1, h2, h3, p, summary, .scroll td, .scroll th';
return [...document.querySelectorAll(blocks)].filter(e => e.clientWidth > 1 && e.checkVisibility())
  .filter(e => e.scrollWidth > e.clientWidth + 1 && !e.querySelector('.scroll, .diff, .unseen'))
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 60));
"""
OVERLAPPING = """
const meet = (a, b) => a.width > 1 && b.width > 1 && a.left < b.right - 1 && b.left < a.right - 1
  && a.top < b.bottom - 1 && b.top < a.bottom - 1;
const found = [];
for (const group of document.querySelectorAll('main, main > section, tr, ul, dl, nav ul, .masthead')) {
  const parts = [...group.children].filter(e => e.checkVisibility());
  for (let i = 0; i < parts.length; i++) for (let j = i + 1; j < parts.length; j++)
    if (meet(parts[i].getBoundingClientRect(), parts[j].getBoundingClientRect()))
      found.push(parts[i].textContent.trim().slice(0, 40) + ' / ' + parts[j].textContent.trim().slice(0, 40));
}
return found;
"""

CONTRAST = """
const linear = x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
const lum = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const rgba = s => { const v = s.match(/[\\d.]+/g).map(Number); return v.length === 3 ? [...v, 1] : v; };
const over = (top, below) => below.map((c, i) => i < 3 ? top[i] * top[3] + c * (1 - top[3]) : 1);
const ground = e => { const below = e.parentElement ? ground(e.parentElement) : [255, 255, 255, 1];
  return over(rgba(getComputedStyle(e).backgroundColor), below); };
const worst = {};
for (const e of document.querySelectorAll('body :not(title)')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  const style = getComputedStyle(e), back = ground(e);
  const ink = over(rgba(e.closest('svg') ? style.fill : style.color), back);
  const [a, b] = [lum(ink), lum(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) worst[e.tagName + '.' + e.getAttribute('class')] = ratio;
}
return worst;
"""


class Browser:
    """One window."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(self, path: Path) -> None:
        self._driver.get(path.as_uri())

    def visit(self, url: str) -> None:
        self._driver.get(url)

    def type(self, selector: str, text: str) -> None:
        self._driver.find_element("css selector", selector).send_keys(text)

    def click(self, selector: str) -> None:
        self._driver.find_element("css selector", selector).click()

    def picture(self, path: Path) -> None:
        self._driver.save_screenshot(str(path))

    def resize(self, width: int) -> None:
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def ask(self, script: str) -> Any:
        return self._driver.execute_script(script)

    def unfold(self) -> None:
        self.ask("document.querySelectorAll('details').forEach(each => each.open = true)")

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def requested(self) -> set[str]:
        """Everything that was asked for since the last call."""
        messages = [json.loads(e["message"])["message"] for e in self._driver.get_log("performance")]
        sent = [m for m in messages if m["method"] == "Network.requestWillBeSent"]
        return {m["params"]["request"]["url"] for m in sent}

    def pdf(self) -> bytes:
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
        return base64.b64decode(self._driver.execute_cdp_cmd("Page.printToPDF", paper)["data"])


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips where there is none, except in continuous integration, which must have it."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        reason = f"needs {' and '.join(missing)}: apt-get install chromium chromium-driver"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    if os.geteuid() == 0:  # Chromium's own sandbox refuses to run as root
        options.add_argument("--no-sandbox")
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def look(browser: Browser, path: Path) -> list[str]:
    """What is cut off or overlaps at some width, folded or not, and what the browser complains of."""
    browser.open(path)
    found = []
    for unfolded in (False, True):
        if unfolded:
            browser.unfold()
        for width in (360, 768, 1280):
            browser.resize(width)
            if (wide := browser.ask("return document.documentElement.scrollWidth")) > width:
                found.append(f"{width}: the page is {wide} wide")
            found += [f"{width}: {each}" for each in browser.ask(CUT_OFF) + browser.ask(OVERLAPPING)]
    return found + browser.complaints()
