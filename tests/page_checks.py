"""Checks of a web page in a browser: names of controls, contrast, order of the focus, width."""

from __future__ import annotations

from typing import Any

from tests.browser import Tab

NAMED_ROLES = frozenset(
    {"button", "image", "link", "radio", "radiogroup", "group", "region", "slider", "table"}
    | {"textbox", "DisclosureTriangle", "RootWebArea"}
)

CONTRAST = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const blend = ([r, g, b, a = 1], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const light = (color) => color.map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => element
    ? blend(parse(getComputedStyle(element).backgroundColor), ground(element.parentElement))
    : [255, 255, 255];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    const under = ground(element);
    const over = blend(parse(getComputedStyle(element).color), under);
    const [low, high] = [light(over), light(under)].sort((one, other) => one - other);
    found.push([Math.round(100 * (high + 0.05) / (low + 0.05)) / 100, text]);
  }
  return found.sort((one, other) => one[0] - other[0]);
})()
"""
"""Contrast of each text with its background, lowest first, as
https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio defines it."""

PLACE = """
((element) => {
  const box = (one) => one.closest("label, .stage, button, a, pre, #scroll, summary, h2")
    .getBoundingClientRect();
  const corner = ({top, left}) => [Math.round((top + scrollY) / 8), Math.round(left)];
  const within = (selector) => {
    const found = element.closest(selector);
    return found ? corner(found.getBoundingClientRect()) : [0, 0];
  };
  return element === document.body ? null
    : [within("section"), within(".photo"), corner(box(element))].flat();
})(document.activeElement)
"""
"""Where the focused element is: its section, its card, and itself, each by top and left."""

MOST_STOPS = 200


def find_unnamed(tab: Tab) -> list[str]:
    """Find elements without a name, as Chromium tells screen readers."""
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    return [
        _read(node, "role")
        for node in nodes
        if not node["ignored"] and _read(node, "role") in NAMED_ROLES and not _read(node, "name")
    ]


def count_roles(tab: Tab, role: str) -> int:
    """Count elements of a role, as Chromium tells screen readers."""
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    return sum(not node["ignored"] and _read(node, "role") == role for node in nodes)


def list_low_contrasts(tab: Tab, least: float = 4.5) -> list[tuple[float, str]]:
    """List texts whose contrast is too low."""
    found = tab.run(CONTRAST)
    assert len(found) > 10
    return [(ratio, text) for ratio, text in found if ratio < least]


def list_stops(tab: Tab) -> list[list[float]]:
    """Press Tab until the focus has left the page; list where it was."""
    tab.run("document.activeElement.blur()")
    stops: list[list[float]] = []
    for _ in range(MOST_STOPS):
        tab.press("Tab")
        place = tab.run(PLACE)
        if place is None:
            return stops
        stops.append(place)
    raise AssertionError("the focus does not leave the page")


def _read(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", "")).strip()
