// Shows a result: as a table with labels beside the IRIs, as bars where two columns fit, or as it came.

import { bars } from "./bars.js";

const ROWS = 200; // shown at once
const RAW = 200_000; // characters
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  "integer decimal float double int long short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
    .split(" ").map((name) => XSD + name),
);

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export class Result {
  // The reasons are those why nothing was found, where that is so.
  constructor(answer, words, findLabels, reasons = []) {
    this.reasons = reasons;
    this.answer = answer;
    this.words = words;
    this.findLabels = findLabels;
  }

  // What it is, in words for the line of state.
  get summary() {
    const { kind, rows, columns, text } = this.answer;
    if (kind === "answer") return this.answer.yes ? "The answer is yes" : "The answer is no";
    if (kind === "graph") return text.trim() ? "A graph" : "An empty graph";
    if (!rows.length) return "No rows";
    return `${counted(rows.length, "row")}, ${counted(columns.length, "column")}`;
  }

  // The ways to show it, by name, the first one first.
  get views() {
    if (this.answer.kind === "graph") {
      const turtle = () => raw(this.answer.text);
      return isEmpty(this.answer) ? { Answer: () => nothing(this.reasons), Turtle: turtle } : { Turtle: turtle };
    }
    const pretty = () => raw(JSON.stringify(JSON.parse(this.answer.text), null, 1));
    if (this.answer.kind === "answer") return { Answer: () => this.yesOrNo(), Raw: pretty };
    const chart = this.chart();
    return { Table: () => this.table(), ...(chart && { Chart: chart }), Raw: pretty };
  }

  yesOrNo() {
    const place = element("div");
    place.append(element("p", this.answer.yes ? "Yes" : "No"), ...why(this.reasons));
    return place;
  }

  table() {
    const { columns, rows } = this.answer;
    if (!rows.length) return nothing(this.reasons);
    const place = element("div");
    const scroll = element("div", "", { class: "kg-scroll", role: "region", "aria-label": "Rows of the result", tabindex: "0" });
    const table = element("table", "", { class: "kg-table kg-table--cards" });
    table.append(element("caption", this.summary, { class: "nhsuk-u-visually-hidden" }));
    const numeric = columns.map((column) => rows.every((row) => !row[column] || NUMBERS.has(row[column].datatype)));
    const heads = columns.map((column, at) => element("th", column, { scope: "col", ...(numeric[at] && { class: "kg-number" }) }));
    const headRow = element("tr");
    headRow.append(...heads);
    table.createTHead().append(headRow);
    const body = table.createTBody();
    scroll.append(table);
    place.append(scroll);
    this.fill(body, numeric, 0, place);
    return place;
  }

  // The next rows, and a button for those behind them.
  fill(body, numeric, from, place) {
    const { columns, rows } = this.answer;
    const shown = rows.slice(from, from + ROWS);
    for (const row of shown) {
      const made = body.insertRow();
      columns.forEach((column, at) => {
        const cell = element("td", "", { "data-label": column, ...(numeric[at] && { class: "kg-number" }) });
        cell.append(this.term(row[column]));
        made.append(cell);
      });
    }
    this.label(body, shown);
    const left = rows.length - from - shown.length;
    if (!left) return;
    const more = element("button", `Show ${Math.min(ROWS, left)} more of ${left.toLocaleString("en-GB")}`, { type: "button", class: "kg-tool" });
    more.addEventListener("click", () => {
      const next = body.rows.length;
      more.remove();
      this.fill(body, numeric, next, place);
      body.rows[next].cells[0].tabIndex = -1;
      body.rows[next].cells[0].focus();
    });
    place.append(more);
  }

  term(term) {
    if (!term) return element("span", "no value", { class: "kg-muted kg-small" });
    if (term.type === "uri") return this.iri(term.value);
    if (term.type === "bnode") return element("span", `_:${term.value}`, { class: "kg-muted" });
    if (term.type === "triple") {
      const made = element("span");
      made.append("<< ", ...["subject", "predicate", "object"].flatMap((part) => [this.term(term.value[part]), " "]), ">>");
      return made;
    }
    const language = term["xml:lang"];
    const made = element("span", term.value, language ? { lang: language } : {});
    const note = language && !language.startsWith("en") ? `@${language}` : this.type(term.datatype);
    if (note) made.append(" ", element("span", note, { class: "kg-muted kg-small" }));
    return made;
  }

  type(datatype) {
    return !datatype || datatype === `${XSD}string` || NUMBERS.has(datatype) ? "" : this.words.shorten(datatype);
  }

  // A name as a link; its label comes in front of it once it is known.
  iri(iri) {
    const [short, address, label] = [this.words.shorten(iri), this.words.address(iri), this.words.labels.get(iri)];
    const link = address ? element("a", label || short, { href: address }) : element("span", label || short);
    const made = element("span", "", { class: "kg-iri", "data-iri": iri });
    made.append(link);
    if (label) made.append(" ", element("span", short, { class: "kg-muted kg-small" }));
    return made;
  }

  async label(body, rows) {
    const iris = new Set(rows.flatMap((row) => Object.values(row)).filter((term) => term.type === "uri").map((term) => term.value));
    const unknown = [...iris].filter((iri) => !this.words.labels.has(iri));
    if (!unknown.length) return;
    for (const [iri, label] of await this.findLabels(unknown)) this.words.labels.set(iri, label);
    for (const place of body.querySelectorAll("[data-iri]")) {
      if (unknown.includes(place.dataset.iri) && this.words.labels.has(place.dataset.iri)) place.replaceWith(this.iri(place.dataset.iri));
    }
  }

  // Bars, where one of two columns counts and the other names.
  chart() {
    const { columns, rows } = this.answer;
    if (columns.length !== 2 || rows.length < 2 || rows.length > 40) return null;
    const counts = columns.filter((column) => rows.every((row) => NUMBERS.has(row[column]?.datatype) && Number(row[column].value) >= 0));
    if (counts.length !== 1) return null;
    const names = columns.find((column) => column !== counts[0]);
    const data = rows.map((row) => ({ name: this.term(row[names]), value: Number(row[counts[0]].value) }));
    return data.every(({ value }) => Number.isFinite(value)) && (() => bars(names, counts[0], data));
  }
}

export function counted(number, thing) {
  return `${number.toLocaleString("en-GB")} ${thing}${number === 1 ? "" : "s"}`;
}

function raw(text) {
  const place = element("div");
  const cut = text.length > RAW;
  if (cut) place.append(element("p", "The beginning of it; download it for the whole."));
  const shown = element("pre", cut ? text.slice(0, RAW) : text, { class: "kg-code kg-query__raw", tabindex: "0", role: "region", "aria-label": "The result as it came" });
  place.append(shown);
  return place;
}

// Whether an answer is that there is nothing.
export function isEmpty({ kind, yes, rows, text }) {
  if (kind === "answer") return !yes;
  return kind === "graph" ? !text.replace(/^@prefix .*$/gm, "").trim() : !rows.length;
}

function nothing(reasons) {
  const place = element("div", "", { class: "kg-empty" });
  const title = reasons.length ? "The query ran; no rows, and this is likely why" : "The query ran; no rows";
  place.append(
    element("h3", title),
    ...why(reasons),
    element("p", "Every pattern in braces has to fit at once. What to try: take patterns away one by one, put those that may be missing in OPTIONAL { … }, and look at names and prefixes. Missing does not mean untrue: the graph holds only what its sources say."),
  );
  return place;
}

function why(reasons) {
  if (!reasons.length) return [];
  const list = element("ul");
  list.append(...reasons.map((reason) => element("li", reason)));
  return [list];
}
