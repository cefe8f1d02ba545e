// What the graph can be asked with: its prefixes and its words, each with its label.

export class Words {
  constructor(base, root) {
    this.base = base;
    this.root = root;
    this.prefixes = {};
    this.words = [];
    this.labels = new Map();
  }

  async read(address) {
    const response = await fetch(address);
    if (!response.ok) return;
    const { prefixes, words } = await response.json();
    this.prefixes = prefixes;
    this.words = words.map(([iri, name, label, kind, meaning]) => ({ iri, name, label, kind, meaning }));
    for (const { iri, label } of this.words) if (label) this.labels.set(iri, label);
  }

  // An IRI as prefix:name where a prefix fits, else as it is.
  shorten(iri) {
    let best = "";
    for (const [prefix, namespace] of Object.entries(this.prefixes)) {
      if (iri.startsWith(namespace) && namespace.length > (this.prefixes[best] || "").length) best = prefix;
    }
    const rest = best && iri.slice(this.prefixes[best].length);
    return rest && /^[\p{L}\p{N}_-]+$/u.test(rest) ? `${best}:${rest}` : iri;
  }

  // Where a thing is shown: its page here, or its own address if it is one of the web.
  address(iri) {
    if (iri.startsWith(this.base)) return this.root + iri.slice(this.base.length);
    return /^https?:\/\//.test(iri) ? iri : "";
  }

  // The words whose name or label has what was typed, the closest first.
  matching(typed, most = 60) {
    const wanted = typed.toLowerCase();
    const found = [];
    for (const word of this.words) {
      const [name, label] = [word.name.toLowerCase(), word.label.toLowerCase()];
      const local = name.slice(name.indexOf(":") + 1);
      if (name.startsWith(wanted) || local.startsWith(wanted)) found.push([0, word]);
      else if (label.startsWith(wanted)) found.push([1, word]);
      else if (label.includes(wanted) || local.includes(wanted)) found.push([2, word]);
    }
    return found.sort(([one], [other]) => one - other).slice(0, most).map(([, word]) => word);
  }

  // The lines that declare what a query uses without declaring it.
  missing(query) {
    const plain = query.replace(/"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|#[^\n]*/g, " ");
    const declared = new Set([...query.matchAll(/\bPREFIX\s+([\w.-]*):/gi)].map(([, prefix]) => prefix));
    const used = new Set([...plain.matchAll(/(?<![\w:?$-])([A-Za-z][\w.-]*):(?=[\w%\\])/g)].map(([, prefix]) => prefix));
    return [...used].filter((prefix) => prefix in this.prefixes && !declared.has(prefix)).sort();
  }

  declaration(prefix) {
    return `PREFIX ${prefix}: <${this.prefixes[prefix]}>\n`;
  }
}

// Where another PREFIX line goes: behind the last one, or at the top.
export function endOfPrefixes(query) {
  let end = 0;
  for (const line of query.matchAll(/^[ \t]*PREFIX\s+[\w.-]*:\s*<[^<>\s]*>[ \t]*\n?/gim)) end = line.index + line[0].length;
  return end;
}
