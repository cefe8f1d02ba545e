// Questions that are answered by one key each: it presses the button that shows the key. Keys count while the question
// has the focus, which it gets when the page is loaded, so that they are in nobody's way elsewhere.
(function () {
  "use strict";

  const form = document.querySelector("[data-questions]");
  const undo = document.querySelector("[data-questions-undo]");
  const first = form || undo;
  if (!first) return;
  let pressed = false;

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || pressed) return;
    if (event.target.matches("input, textarea, select")) return;
    const key = CSS.escape(event.key.toLowerCase());
    const button = [form, undo].map((each) => each && each.querySelector(`button[data-key="${key}"]`)).find(Boolean);
    if (!button) return;
    event.preventDefault();
    pressed = true; // one key, one decision, also where it is held down
    button.click();
  }

  for (const each of [form, undo]) if (each) each.addEventListener("keydown", press);
  window.addEventListener("pageshow", () => { pressed = false; });
  if (form) form.focus();
  else undo.querySelector("button").focus();
})();
