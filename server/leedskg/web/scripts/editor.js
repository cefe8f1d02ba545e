// The editor: CodeMirror in the place of a text area, with the words of the graph, and a mark where a query is wrong.

import { autocompletion, completionKeymap, pickedCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { StreamLanguage, bracketMatching, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

import { endOfPrefixes } from "./words.js";

const MOST_OFFERED = 8; // all in sight: the list does not scroll
const roomBeside = window.matchMedia("(min-width: 60rem)"); // else what a word means would lie on the next ones
const KEYWORDS = `SELECT DISTINCT WHERE ASK CONSTRUCT DESCRIBE PREFIX OPTIONAL FILTER UNION MINUS GRAPH VALUES BIND AS EXISTS
  GROUP BY ORDER BY HAVING LIMIT OFFSET COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT REGEX CONTAINS STRSTARTS STRENDS
  LCASE UCASE LANG LANGMATCHES DATATYPE BOUND COALESCE IF STR STRLEN STRAFTER STRBEFORE REPLACE FROM UNDEF`
  .split(/\s+/);

const markWrong = StateEffect.define(); // {from, to}, or null for nothing
const wrong = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(markWrong)) return effect.value ? wrongAt(transaction, effect.value) : Decoration.none;
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function wrongAt(transaction, { from, to }) {
  const line = Decoration.line({ class: "kg-editor__wrong-line" }).range(transaction.newDoc.lineAt(from).from);
  if (from === to) return Decoration.set([line]);
  return Decoration.set([line, Decoration.mark({ class: "kg-editor__wrong" }).range(from, to)]);
}

// Text that takes the place of other text. A browser left to do this carries the colours over in a style attribute,
// which the site's policy blocks and tells in the console.
const overtyping = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view;
    if (event.inputType !== "insertText" || event.isComposing || !event.data || state.selection.main.empty) return false;
    view.dispatch(state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

export class Editor {
  constructor(area, { nonce, words, label, describedBy, onRun, onChange }) {
    this.area = area;
    this.words = words;
    const attributes = { "aria-labelledby": label, "aria-describedby": describedBy, spellcheck: "false", tabindex: "0" };
    this.view = new EditorView({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }])),
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        history(),
        lineNumbers(),
        highlightActiveLine(),
        bracketMatching(),
        StreamLanguage.define(sparql),
        syntaxHighlighting(classHighlighter),
        autocompletion({ override: [(context) => this.complete(context)], icons: false }),
        wrong,
        overtyping,
        EditorView.lineWrapping,
        EditorView.editorAttributes.of({ class: "kg-editor" }),
        EditorView.contentAttributes.of(attributes),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          onChange();
        }),
      ],
    });
    area.after(this.view.dom);
    area.hidden = true;
    document.getElementById(label).addEventListener("click", () => this.view.focus());
  }

  get text() {
    return this.view.state.doc.toString();
  }

  complete(context) {
    const inside = syntaxTree(context.state).resolveInner(context.pos, -1).name;
    const typed = context.matchBefore(/[?$]?[\w:-]*/);
    if (/comment|string/.test(inside) || !typed || (!context.explicit && typed.text.length < 2)) return null;
    const options = /^[?$]/.test(typed.text) ? this.variables(typed.text) : this.named(typed.text);
    return options.length ? { from: typed.from, options: options.slice(0, MOST_OFFERED), filter: false } : null;
  }

  variables(typed) {
    const known = new Set(this.text.match(/[?$]\w+/g));
    return [...known].filter((name) => name !== typed && name.startsWith(typed)).map((label) => ({ label }));
  }

  named(typed) {
    const keywords = typed ? KEYWORDS.filter((word) => word.startsWith(typed.toUpperCase())) : [];
    const found = this.words.matching(typed).map((word) => ({
      label: word.name,
      detail: word.label ? ` ${word.label} (${word.kind})` : ` ${word.kind}`, // the space parts the two for who hears them
      info: (roomBeside.matches && word.meaning) || undefined,
      apply: (view, completion, from, to) => this.insert(completion, word.name, from, to),
    }));
    return [...new Set(keywords)].map((label) => ({ label })).concat(found);
  }

  // A word, and the prefix that it needs.
  insert(completion, name, from, to) {
    const at = endOfPrefixes(this.text);
    const lines = this.declarations(`${this.text} ${name} `);
    const moved = at <= from ? lines.length : 0;
    this.view.dispatch({
      changes: [{ from: at, insert: lines }, { from, to, insert: name }],
      selection: { anchor: from + moved + name.length },
      annotations: pickedCompletion.of(completion),
      userEvent: "input.complete",
    });
  }

  // Declares every prefix that the query uses; says how many there were to declare.
  addPrefixes() {
    const lines = this.declarations(this.text);
    const at = endOfPrefixes(this.text);
    if (lines) this.view.dispatch({ changes: { from: at, insert: lines } });
    return lines.split("\n").length - 1;
  }

  declarations(text) {
    return this.words.missing(text).map((prefix) => this.words.declaration(prefix)).join("");
  }

  // Marks the token at a line and a column, which the server counts in characters from 1; nothing without a line.
  mark(line, column) {
    const place = line ? this.place(line, column) : null;
    this.view.dispatch({ effects: markWrong.of(place) });
    this.view.contentDOM.toggleAttribute("aria-invalid", false);
    if (place) this.view.contentDOM.setAttribute("aria-invalid", "true");
  }

  place(line, column) {
    const { doc } = this.view.state;
    const found = doc.line(Math.min(Math.max(1, line), doc.lines));
    const before = Array.from(found.text).slice(0, Math.max(0, column - 1)).join("");
    const rest = found.text.slice(before.length);
    const token = /^(?:[\w:?$-]+|<[^<>\s]*>|[^\s])/.exec(rest);
    const from = found.from + before.length;
    return { from, to: from + (token ? token[0].length : 0) };
  }

  goTo(line, column) {
    const { from } = this.place(line, column);
    this.view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    this.view.focus();
  }
}
