// The reading view of a document: marks the passages in a copy that the reader opens, and takes words that are selected to
// the form that makes a statement of them.
import { blocks, places, read } from "./own_copy.js";

const MOST_BYTES = 50_000_000;
const LONGEST_PASSAGE = 1000; // characters; what is cited is a sentence, or a part of one
const LONGEST_NAME = 80;
const ALIKE = ["'’‘", '"“”', "-–—"]; // what may stand for one another, as the server looks for a passage

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function hidden(text) {
  return element("span", "nhsuk-u-visually-hidden", text);
}

const counted = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

// --- A copy of one's own

function passagesIn(list) {
  return [...list.querySelectorAll("li[data-start]")].map((note) => ({
    note,
    name: note.dataset.name,
    number: note.dataset.number,
    start: Number(note.dataset.start),
    end: Number(note.dataset.end),
    digest: note.dataset.digest,
    section: note.dataset.section,
    look: note.matches(".kg-reading__note--chosen") ? "chosen" : "silent" in note.dataset ? "silent" : "cited",
  }));
}

function trimmed(text, { start, end }) {
  const words = text.slice(start, end);
  return { start: end - words.trimStart().length, end: start + words.trimEnd().length };
}

// A block of the text, cut where passages begin and end, with a number behind each.
function blockOf(text, block, spans, headings) {
  const inside = spans.filter((each) => each.at.start < block.end && block.start < each.at.end);
  const within = (place) => Math.min(Math.max(place, block.start), block.end);
  const edges = [block.start, block.end, ...inside.flatMap((each) => [within(each.at.start), within(each.at.end)])];
  const cuts = [...new Set(edges)].sort((one, other) => one - other);
  const words = text.slice(block.start, block.end).split(/\s+/).join(" ");
  const made = element(headings.has(words) ? "h2" : "p", "kg-reading__text");
  cuts.slice(1).forEach((end, index) => {
    const start = cuts[index];
    const over = inside.filter((each) => each.at.start <= start && end <= each.at.end);
    for (const each of over.filter((one) => !one.begun)) {
      each.begun = made.appendChild(element("span"));
      each.begun.id = `p-${each.name}`;
    }
    const look = ["chosen", "cited", "silent"].find((one) => over.some((each) => each.look === one));
    const piece = text.slice(start, end);
    made.append(look ? element("mark", `kg-reading__mark kg-reading__mark--${look}`, piece) : piece);
    for (const each of over.filter((one) => one.at.end === end)) {
      const number = made.appendChild(element("a", "kg-reading__ref"));
      number.href = `#n-${each.name}`;
      number.append(hidden("Note "), each.number);
    }
  });
  return made;
}

function asLink(note, passage, isPlaced) {
  note.querySelector(".kg-reading__open")?.remove();
  note.id = `${isPlaced ? "n" : "p"}-${passage.name}`;
  const head = note.querySelector(".kg-reading__head").firstElementChild;
  const number = element(isPlaced ? "a" : "span", isPlaced ? "" : "kg-reading__number");
  if (isPlaced) number.href = `#p-${passage.name}`;
  number.append(hidden(isPlaced ? "To passage " : "Passage "), passage.number);
  head.replaceWith(number);
}

function draw(text, passages, found) {
  const area = element("div", "kg-reading");
  area.dataset.readingText = "";
  const spans = passages.flatMap((each, index) => (found[index] ? [{ ...each, at: trimmed(text, found[index]) }] : []));
  const headings = new Set(passages.map((each) => each.section.split(/\s+/).join(" ")));
  let told = 0;
  for (const block of blocks(text)) {
    const row = area.appendChild(element("div", "kg-reading__row"));
    row.append(blockOf(text, block, spans, headings));
    const notes = element("ul", "kg-reading__notes");
    for (; told < spans.length && spans[told].at.start < block.end; told += 1) notes.append(spans[told].note);
    if (notes.childElementCount) row.append(notes);
  }
  passages.forEach((each, index) => asLink(each.note, each, Boolean(found[index])));
  return area;
}

function lostList(lost) {
  const part = element("div");
  if (!lost.length) return part;
  part.append(element("h2", "", "Passages missing from this copy"));
  const list = part.appendChild(element("ul", "kg-reading__notes kg-reading__notes--list"));
  list.append(...lost.map((each) => each.note));
  return part;
}

function told(copy, total, lost) {
  const all = total === 1 ? "Its one passage is marked." : `All ${counted(total, "passage")} are marked.`;
  if (copy.same === "bytes") return `This is the same document: its SHA-256 is the one that the graph has. ${all}`;
  if (copy.same) return `This is the document, saved with other line ends or in another encoding. ${all}`;
  const differs = "This is not the same text: its SHA-256 differs from the one that the graph has.";
  if (!lost.length) return `${differs} Even so, every passage has the same words. ${all}`;
  if (lost.length === total) return `${differs} None of the passages is in it. Is it the right document?`;
  const numbers = lost.slice(0, 20).map((each) => each.number).join(", ");
  const held = `${(total - lost.length).toLocaleString("en-GB")} of ${counted(total, "passage")} hold and are marked.`;
  const more = lost.length > 20 ? " and others" : "";
  const which = `${lost.length === 1 ? "Passage" : "Passages"} ${numbers}${more}`;
  return `${differs} ${held} ${which} ${lost.length === 1 ? "has" : "have"} other words, and ${lost.length === 1 ? "is" : "are"} listed below the text.`;
}

function ownCopy(frame, onText) {
  const part = document.querySelector("[data-own-copy]");
  const list = frame.querySelector("[data-reading-list]");
  if (!part || !list) return;
  const passages = passagesIn(list);
  const status = part.querySelector("[data-own-status]");
  const say = (words, detail) => {
    status.replaceChildren(element("p", "", words));
    if (detail) status.append(element("p", "kg-small", detail));
  };
  // The notes of an earlier copy stand in its text, which therefore stays.
  const fail = (words) => say(frame.contains(list) ? words : `${words} Below is still the copy that you opened before.`);
  part.hidden = false;
  part.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > MOST_BYTES) {
      fail(`This file has more than ${MOST_BYTES / 1e6} MB, which is more than a text of this kind. Open another.`);
      return;
    }
    let bytes;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      fail("The file could not be read. Was it moved or closed? Choose it again.");
      return;
    }
    const copy = read(bytes, frame.dataset.sha256);
    if (copy.fault) {
      fail(copy.fault);
      return;
    }
    const found = places(copy.text, passages);
    const lost = passages.filter((_, index) => !found[index]);
    frame.replaceChildren(draw(copy.text, passages, found), lostList(lost));
    document.querySelector(".kg-reading__legend").hidden = false;
    say(told(copy, passages.length, lost), `SHA-256 of your copy: ${copy.sha256}. Nothing was sent.`);
    const chosen = frame.querySelector(".kg-reading__mark--chosen");
    if (chosen) chosen.scrollIntoView({ block: "center" });
    onText();
  });
}

// --- Words that are selected

// The text of the document as the page has it, and the place of a selection in it.
function selectedIn(area, range) {
  const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
  let [text, block, start, end] = ["", null, null, null];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const own = node.parentElement.closest(".kg-reading__text");
    if (!own || node.parentElement.closest(".kg-reading__ref")) continue;
    if (block && own !== block) text += "\n";
    block = own;
    if (range.intersectsNode(node)) {
      start ??= text.length + (node === range.startContainer ? range.startOffset : 0);
      end = text.length + (node === range.endContainer ? range.endOffset : node.length);
    }
    text += node.data;
  }
  const words = start === null ? "" : text.slice(start, end);
  const before = words.match(/^[\s,;:.]*/)[0].length; // a selection often takes the comma before it
  return { text, start: start + before, words: words.slice(before).replace(/[\s,;:]+$/, "") };
}

// Which of the places that have these words is meant, from 1; nothing where there is but one.
function occurrence({ text, start, words }) {
  const alike = (char) => {
    const group = ALIKE.find((each) => each.includes(char));
    return group ? `[${group.replace("-", "\\-")}]` : char.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
  };
  const pattern = words.split(/\s+/).map((word) => [...word].map(alike).join("")).join("\\s+");
  const found = [...text.matchAll(new RegExp(pattern, "giu"))].map((match) => match.index);
  return found.length > 1 && found.includes(start) ? String(found.indexOf(start) + 1) : "";
}

function selection(frame) {
  const bar = document.querySelector("[data-reading-bar]");
  const area = () => frame.querySelector("[data-reading-text]");
  if (!bar) return () => {};
  const chosen = bar.querySelector("[data-chosen]");
  const links = [...bar.querySelectorAll("a")].map((link) => [link, link.href]);

  function take() {
    const selected = document.getSelection();
    const range = selected.rangeCount && !selected.isCollapsed ? selected.getRangeAt(0) : null;
    if (!range || !area() || !range.intersectsNode(area())) return; // a click into the bar keeps what was chosen
    const found = selectedIn(area(), range);
    if (!found.words) return;
    const fits = found.words.length <= LONGEST_PASSAGE;
    const words = found.words.split(/\s+/).join(" ");
    const shown = words.length > 90 ? `${words.slice(0, 60)} … ${words.slice(-25)}` : words;
    chosen.textContent = fits ? `“${shown}”` : "That is too long: select a sentence, or part of one.";
    for (const [link, address] of links) {
      const url = new URL(address);
      if (fits) {
        url.searchParams.set("f-passage", words);
        if (occurrence(found)) url.searchParams.set("f-occurrence", occurrence(found));
        if (link.dataset.named !== undefined && words.length <= LONGEST_NAME) url.searchParams.set("f-name", words);
      }
      link.href = url.href;
    }
  }

  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(take);
  });
  const show = () => { bar.hidden = !area(); };
  show();
  return show;
}

const frame = document.querySelector("[data-reading]");
if (frame) ownCopy(frame, selection(frame));
