"""The names that a page draws on its canvases, and how well each stands out from what is behind it."""

from __future__ import annotations

from tests.browser import WatchedPage

#: Goes into a page before its own scripts. vis-network draws a rectangle behind a name, sigma a rim around it; where
#: there is neither, the ground of the page is behind.
_RECORD = """
window.drawn = new Map();
const behind = new WeakMap();
for (const [name, style] of [["fillRect", "fillStyle"], ["strokeText", "strokeStyle"]]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    behind.set(this, this[style]);
    return draw.apply(this, given);
  };
}
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...given) {
  const { a, b } = this.getTransform();
  const size = (parseFloat(this.font) * Math.hypot(a, b)) / window.devicePixelRatio;
  window.drawn.set(text, [this.fillStyle, behind.get(this) || null, size]);
  behind.delete(this);
  return write.call(this, text, ...given);
};
"""
_READ = """async () => {
  while (!window.drawn.size) await new Promise(requestAnimationFrame);
  const page = document.createElement("span");
  page.style.cssText = "transition: none; color: Canvas";
  document.body.append(page);
  const ground = getComputedStyle(page).color;
  page.remove();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const light = (colour) => {
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.beginPath();
    pen.rect(0, 0, 1, 1);
    pen.fill();
    const parts = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const apart = (...two) => (Math.max(...two.map(light)) + 0.05) / (Math.min(...two.map(light)) + 0.05);
  const least = (ink, rim) => Math.min(apart(ink, ground), rim ? apart(ink, rim) : 21);
  return [...window.drawn].map(([text, [ink, rim]]) => [text, least(ink, rim)]);
}"""


def record(watched: WatchedPage) -> None:
    """Note what is drawn on this page from now on. Must come before it is opened."""
    watched.page.add_init_script(_RECORD)


def contrasts(watched: WatchedPage) -> dict[str, float]:
    """Return each text that was drawn last, with its least contrast to what is behind it (WCAG 2.2)."""
    found: list[tuple[str, float]] = watched.page.evaluate(_READ)
    return dict(found)


def sizes(watched: WatchedPage) -> dict[str, float]:
    """Return each text that was drawn since the record was last cleared, with its height in pixels of the page."""
    found: list[tuple[str, float]] = watched.page.evaluate(
        """async () => {
          for (let frame = 0; frame < 3 || !window.drawn.size; frame++) await new Promise(requestAnimationFrame);
          return [...window.drawn].map(([text, [, , size]]) => [text, size]);
        }"""
    )
    return dict(found)
