"""Accessibility of a page in the browser: axe-core, clipped content, focus rings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

# The experimental rules and those of WCAG level AAA are on; these two are off.
OFF = {
    "color-contrast-enhanced": "asks for 7:1, which Jupyter's own colours do not have",
    "p-as-heading": "a card cannot know the level of the headings around it",
}
# 4.5:1 for large text too, where WCAG is content with 3:1. JupyterLab's body has no
# height and hides what overflows it: axe-core would take all of it for invisible.
_RUN = """async ([include, off]) => {
  const contrast = {normal: {expected: 4.5}, large: {expected: 4.5}};
  axe.configure({checks: [
    {id: 'color-contrast', options: {contrastRatio: contrast}}]});
  const values = axe.getRules().map(r => r.ruleId).filter(id => !off.includes(id));
  document.body.style.setProperty('overflow', 'visible', 'important');
  const found = await axe.run({include}, {runOnly: {type: 'rule', values}});
  document.body.style.removeProperty('overflow');
  const blind = found.inapplicable.some(rule => rule.id === 'color-contrast');
  if (blind) return ['axe-core saw no text'];
  return [...found.violations, ...found.incomplete].flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)} ` +
      [...node.any, ...node.all, ...node.none].map(c => c.message).join('; ')));
}"""
# An inline box has no size of its own; a pixel is lost in rounding.
_CUT_OFF = """root => {
  const edge = root.getBoundingClientRect();
  const seen = [root, ...root.querySelectorAll('*')].filter(
    e => e.checkVisibility() && getComputedStyle(e).display !== 'inline');
  return seen.filter(e => {
    const box = e.getBoundingClientRect();
    return box.right > edge.right + 1 || box.left < edge.left - 1
      || e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
  }).map(e => e.outerHTML.slice(0, 200));
}"""
# The ring's colour against what is behind the ring (WCAG 2.2, contrast ratio).
_FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const rgb = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = rgb(colour).map(c => c / 255).map(
      c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = e.parentElement;
  const see = node => rgb(getComputedStyle(node).backgroundColor)[3] !== 0;
  while (behind.parentElement && !see(behind)) behind = behind.parentElement;
  const [a, b] = [style.outlineColor, getComputedStyle(behind).backgroundColor]
    .map(light).sort((x, y) => y - x);
  return {
    name: e.className.match(/parsec-nb-([a-z-]+)/)?.[1]
      ?? e.closest('.parsec-nb-game-id')?.className.match(/parsec-nb-([a-z-]+)/)[1]
      ?? e.textContent ?? '',
    ring: e.matches(':focus-visible') && style.outlineStyle === 'solid'
      && parseFloat(style.outlineWidth) >= 2 && (a + 0.05) / (b + 0.05) >= 3,
  };
}"""


def complaints(page: Page, *include: str) -> list[str]:
    """Return axe-core's violations, and what it cannot judge, within *include*."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN, [list(include), list(OFF)])
    return found


def cut_off(part: Locator) -> list[str]:
    """Return what does not fit into *part*, or into its own box."""
    found: list[str] = part.evaluate(_CUT_OFF)
    return found


def in_focus(page: Page) -> tuple[str, bool]:
    """Return what has the focus, and whether a ring of contrast 3:1 shows it."""
    found: dict[str, Any] = page.evaluate(_FOCUS)
    return found["name"], found["ring"]


@contextmanager
def styled(page: Page, rules: str) -> Iterator[None]:
    """Add style rules to a page, for a while."""
    style = page.add_style_tag(content=rules)
    yield
    style.evaluate("style => style.remove()")


@contextmanager
def zoomed(page: Page, width: int, height: int) -> Iterator[None]:
    """Show a page at 200 %: in a window of half the size, each pixel four."""
    browser = page.context.new_cdp_session(page)
    half = {"width": width // 2, "height": height // 2, "deviceScaleFactor": 2}
    browser.send("Emulation.setDeviceMetricsOverride", half | {"mobile": False})
    yield
    browser.send("Emulation.clearDeviceMetricsOverride")
    browser.detach()
