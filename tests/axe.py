"""What axe-core has against a part of a page: all of its rules but those named here.

The experimental rules are on as well, and so are those of WCAG's level AAA. What
axe-core cannot judge counts as much as what it finds wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

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


def complaints(page: Page, *include: str) -> list[str]:
    """Return all that axe-core has against what these selectors find."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN, [list(include), list(OFF)])
    return found
