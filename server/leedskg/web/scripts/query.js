// The query page: runs what is in the editor, says how it went, and shows the result.

import { Refusal, TooLarge, ask, cancel, labelsOf, newId, reasonsOf } from "./ask.js";
import { Editor } from "./editor.js";
import { Result, counted, element, isEmpty } from "./result.js";
import { Words } from "./words.js";

const NONCE = document.currentScript.nonce;
const LONGEST_PERMALINK = 8000;
const DOWNLOADS = {
  table: { CSV: "csv", TSV: "tsv", JSON: "json", XML: "xml" },
  graph: { Turtle: "turtle", "N-Triples": "ntriples", "JSON-LD": "jsonld", "RDF/XML": "rdfxml" },
};
const ENDINGS = { json: "srj", xml: "srx", turtle: "ttl", ntriples: "nt", rdfxml: "rdf" };

class QueryPage {
  constructor(form) {
    this.form = form;
    this.words = new Words(form.dataset.base, form.dataset.root);
    this.ready = this.words.read(form.dataset.terms).catch(() => {}); // without them the page has no labels, no more
    for (const live of document.querySelectorAll("[data-query-live]")) live.hidden = false;
    for (const still of document.querySelectorAll("[data-query-still]")) still.remove();
    const keys = document.getElementById("query-keys");
    keys.hidden = false;
    const area = form.elements.query;
    this.editor = new Editor(area, {
      nonce: NONCE,
      words: this.words,
      label: "query-label",
      describedBy: keys.id,
      onRun: () => this.run(),
      onChange: () => this.onChange(),
    });
    this.opened = this.editor.text; // what the page's own address gives
    this.address = location.href;
    this.told = this.opened; // what the lines for other languages are of
    this.act("cancel").hidden = true;
    this.act("copy").hidden = !navigator.clipboard;
    this.listen();
    this.link();
    if ("asked" in form.dataset) this.run();
  }

  part(name) {
    return document.querySelector(`[data-query-${name}]`);
  }

  act(name) {
    return document.querySelector(`[data-query-act="${name}"]`);
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    this.act("cancel").addEventListener("click", () => {
      this.stop();
      this.form.querySelector("[type=submit]").focus();
    });
    addEventListener("pagehide", () => this.stop());
    this.act("prefixes").addEventListener("click", async () => {
      await this.ready;
      const number = this.editor.addPrefixes();
      this.say(number ? `Added ${counted(number, "line")}.` : "Every prefix of the graph that the query uses is declared.");
    });
    this.act("copy").addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.part("permalink").href);
      this.say("The address is copied.");
    });
    for (const drawer of document.querySelectorAll("details")) drawer.addEventListener("toggle", () => drawer.open && this.tellElsewhere());
    this.part("filter").addEventListener("input", (event) => this.filter(event.target.value));
  }

  onChange() {
    this.editor.view.contentDOM.removeAttribute("aria-invalid");
    this.link();
  }

  say(words) {
    this.part("state").replaceChildren(words);
  }

  // Ends what is running, here and on the server.
  stop() {
    if (!this.running) return;
    cancel(this.form.action, this.running.id);
    this.running.abort();
  }

  async run() {
    this.stop();
    const running = (this.running = Object.assign(new AbortController(), { id: newId() }));
    const [query, began] = [this.editor.text, performance.now()];
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(2)} s`;
    this.part("result").hidden = true;
    this.editor.mark();
    this.act("cancel").hidden = false;
    this.say("Running the query …");
    this.remember();
    try {
      const answer = await ask(this.form.action, query, running.signal, running.id);
      await this.ready;
      if (this.running !== running) return;
      const reasons = isEmpty(answer) ? await reasonsOf(this.form.dataset.nothing, query).catch(() => []) : [];
      if (this.running !== running) return;
      const find = (iris) => labelsOf(this.form.action, iris).catch(() => new Map());
      const result = new Result(answer, this.words, find, reasons);
      this.show(result, query);
      this.say(`${result.summary}, in ${seconds()}.`);
    } catch (error) {
      if (this.running !== running) return; // another run has taken its place
      if (running.signal.aborted) this.say(`Cancelled after ${seconds()}.`);
      else this.refuse(error, query);
    } finally {
      if (this.running === running) {
        this.running = null;
        this.act("cancel").hidden = true;
        this.tellElsewhere();
      }
    }
  }

  refuse(error, query) {
    const known = error instanceof Refusal;
    const said = element("span", known ? error.message : `The server cannot be reached (${error.message}).`, { class: "kg-query__wrong" });
    this.part("state").replaceChildren(said);
    if (known && error.causes.length) {
      const causes = element("ul", "", { class: "kg-query__causes" });
      causes.append(...error.causes.map((cause) => element("li", cause)));
      this.part("state").append(causes);
    }
    if (error instanceof TooLarge) this.offer(query);
    if (!known || !error.line) return;
    this.editor.mark(error.line, error.column);
    const place = element("button", `Go to line ${error.line}, column ${error.column}`, { type: "button", class: "kg-tool" });
    place.addEventListener("click", () => this.editor.goTo(error.line, error.column));
    if (query === this.editor.text) this.part("state").append(" ", place);
  }

  show(result, query) {
    const views = Object.entries(result.views);
    const buttons = views.map(([name, draw]) => {
      const button = element("button", name, { type: "button", class: "kg-tool" });
      button.addEventListener("click", () => {
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
        this.part("shown").replaceChildren(draw());
      });
      return button;
    });
    this.part("views").replaceChildren(...(buttons.length > 1 ? buttons : []), ...this.picture(result.answer, query));
    buttons[0].click();
    this.part("downloads").replaceChildren(...this.downloads(result.answer.kind, query));
    this.part("result").hidden = false;
  }

  // The way to the page that draws the rows as a network, a map, a time line or bars, as far as their columns fit.
  picture({ kind, rows }, query) {
    const address = `${this.form.dataset.picture}?${new URLSearchParams({ query })}`;
    if (kind !== "table" || !rows.length || address.length > LONGEST_PERMALINK) return [];
    return [element("a", "Picture", { href: address, class: "kg-tool" })];
  }

  // Nothing but the downloads of a result that the page cannot hold.
  offer(query) {
    for (const part of ["views", "shown"]) this.part(part).replaceChildren();
    const graph = /\b(CONSTRUCT|DESCRIBE)\b/i.test(query) && !/\bSELECT\b/i.test(query);
    this.part("downloads").replaceChildren(...this.downloads(graph ? "graph" : "table", query));
    this.part("result").hidden = false;
  }

  downloads(kind, query) {
    const links = Object.entries(DOWNLOADS[kind === "graph" ? "graph" : "table"]).map(([words, format]) => {
      const address = `${this.form.action}?${new URLSearchParams({ query, format })}`;
      const link = element("a", words, { href: address, download: `result.${ENDINGS[format] || format}` });
      link.prepend(element("span", "Download as ", { class: "nhsuk-u-visually-hidden" }));
      return link;
    });
    return [element("span", "Download:", { "aria-hidden": "true" }), ...links];
  }

  // The address of this page with what is in the editor.
  link() {
    const query = this.editor.text;
    const address = query === this.opened ? this.address : `${this.form.dataset.page}?${new URLSearchParams({ query })}`;
    const permalink = this.part("permalink");
    permalink.parentElement.hidden = address.length > LONGEST_PERMALINK;
    permalink.href = address;
  }

  remember() {
    const permalink = this.part("permalink");
    if (!permalink.parentElement.hidden && permalink.href !== location.href) history.replaceState(null, "", permalink.href);
  }

  // Keeps the lines for other languages true to the editor, as soon as anybody can see them.
  async tellElsewhere() {
    const query = this.editor.text;
    const places = [...document.querySelectorAll("[data-query-snippet]")];
    if (query === this.told || !places.some((place) => place.closest("details").open)) return;
    const response = await fetch(this.form.dataset.snippets, { method: "POST", body: new URLSearchParams({ query }) });
    if (!response.ok) return;
    const told = await response.json();
    for (const place of places) place.textContent = told[place.dataset.querySnippet];
    this.told = query;
  }

  filter(text) {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    const items = [...this.part("gallery").children];
    for (const item of items) item.hidden = !wanted.every((word) => item.textContent.toLowerCase().includes(word));
    const left = items.filter((item) => !item.hidden).length;
    this.part("filtered").textContent = wanted.length ? `${left} of ${items.length} saved queries` : "";
  }
}

for (const form of document.querySelectorAll("[data-query]")) new QueryPage(form);
