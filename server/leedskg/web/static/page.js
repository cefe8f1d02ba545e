// What every page does with a script: its address keeps the drawers that are open, buttons copy that address and a text, forms
// leave out of it what was left empty, the menu of a narrow screen opens, and the focus goes to what is told of a form
// that was sent.
(function () {
  "use strict";

  const PART = "open="; // of the fragment: #where&open=key.key, the keys of the drawers that are not as the page came
  const TOLD = 6000; // milliseconds for which a word on what was done stays

  const keys = new Map(); // of each drawer, from its words, so that it is the same in another browser
  const came = new Map(); // whether it came open
  const times = new Map();

  // FNV-1a, 32 bits, in seven letters and digits at most.
  function digest(text) {
    let hash = 0x811c9dc5;
    for (const unit of text) hash = Math.imul(hash ^ unit.codePointAt(0), 0x01000193) >>> 0;
    return hash.toString(36);
  }

  for (const drawer of document.querySelectorAll("main details")) {
    const words = drawer.querySelector("summary").textContent.replace(/\s+/g, " ").trim();
    const before = times.get(words) || 0;
    times.set(words, before + 1);
    keys.set(drawer, digest(words) + (before ? `-${before}` : ""));
    came.set(drawer, drawer.open);
  }

  function readFragment() {
    const parts = location.hash.slice(1).split("&");
    const open = parts.find((part) => part.startsWith(PART));
    return { where: parts[0].startsWith(PART) ? "" : parts[0], open: open ? open.slice(PART.length).split(".") : [] };
  }

  function restore() {
    const { where, open } = readFragment();
    let first = null;
    for (const [drawer, key] of keys) {
      if (!open.includes(key)) continue;
      drawer.open = !came.get(drawer);
      first = first || drawer;
    }
    const place = first || (open.length && where && document.getElementById(where));
    if (place) place.scrollIntoView({ block: first ? "center" : "start" });
  }

  // The address of exactly what is seen.
  function address() {
    const changed = [...keys].filter(([drawer]) => drawer.open !== came.get(drawer)).map(([, key]) => key);
    const fragment = [readFragment().where, changed.length ? PART + changed.join(".") : ""].filter(Boolean).join("&");
    return location.href.split("#")[0] + (fragment ? `#${fragment}` : "");
  }

  function keep() {
    if (address() === location.href) return;
    try {
      history.replaceState(history.state, "", address());
    } catch {
      // Some browsers refuse when it is done very often; the button still has the right address.
    }
  }

  restore();
  document.addEventListener("toggle", (event) => keys.has(event.target) && keep(), true);
  window.addEventListener("hashchange", keep);

  // The clipboard is not there on a page that came by plain HTTP: then the old way, and last the person's own hand.
  async function copied(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      field.focus();
      field.select();
      return document.execCommand("copy");
    }
  }

  for (const share of document.querySelectorAll("[data-share]")) {
    const [button, field, status] = ["button", "input", "[role=status]"].map((part) => share.querySelector(part));
    let timer = 0;
    share.hidden = false;
    button.addEventListener("click", async () => {
      field.parentElement.hidden = false;
      field.value = address();
      const done = await copied(field);
      if (done) button.focus();
      clearTimeout(timer);
      status.textContent = done ? "Link copied. Paste it into a message." : "Press Ctrl and C to copy the link.";
      if (done) timer = setTimeout(() => (status.textContent = ""), TOLD);
    });
    field.addEventListener("focus", () => field.select());
  }

  // A text that is there to be copied: the button says what it did, and without it the text is selected by hand.
  for (const box of document.querySelectorAll("[data-copy]")) {
    const [button, field, status] = ["button", "textarea", "[role=status]"].map((part) => box.querySelector(part));
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copied(field);
      if (done) button.focus();
      status.textContent = done ? "Copied. Paste it into a message." : "The text is selected: press Ctrl and C to copy it.";
    });
  }

  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    // Several fields may have one name: the empty ones go, and what stands in the others stays.
    for (const name of new Set(event.formData.keys())) {
      const filled = event.formData.getAll(name).filter((value) => value !== "");
      event.formData.delete(name);
      for (const value of filled) event.formData.append(name, value);
    }
  });

  // On a narrow screen the ways to the parts of the site stand behind a button; styles/_frame.scss says when.
  const menu = document.querySelector(".kg-nav__menu");
  if (menu) {
    const show = (shown) => menu.setAttribute("aria-expanded", String(shown));
    menu.addEventListener("click", () => show(menu.getAttribute("aria-expanded") === "false"));
    menu.parentElement.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || menu.getAttribute("aria-expanded") === "false") return;
      show(false);
      menu.focus();
    });
  }

  const told = document.querySelector(".nhsuk-error-summary, main [aria-invalid=true], .kg-done");
  if (told) told.focus();
})();
