// Sends a query to the endpoint and reads the answer, as far as a page can show it.

const TABLE = "application/sparql-results+json";
const ACCEPT = `${TABLE}, text/turtle;q=0.9, application/problem+json;q=0.1`;
const LONGEST_ADDRESS = 6000; // characters; a longer query is posted
const MOST_BYTES = 20_000_000;
const MOST_COMPRESSED = 2_000_000;
const TOO_LARGE = "The result is larger than a page can show. Download it below, or ask for less with LIMIT.";
const BROKE_OFF = "The result broke off before its end: the query was stopped, or the connection was lost. Ask for less.";
const NOT_IN_AN_IRI = /[\u0000-\u0020<>"{}|\\^`]/;

// An answer that says no, and the place in the query that it is about, or what makes the query so heavy.
export class Refusal extends Error {
  constructor(message, { line, column, causes = [] } = {}) {
    super(message);
    this.line = line;
    this.column = column;
    this.causes = causes.map(sentence);
  }
}

// An answer that a page cannot hold.
export class TooLarge extends Refusal {}

// What a query is called by, so that it can be cancelled: 32 characters that nobody guesses. (crypto.randomUUID is not
// there on a page that came without encryption from another machine.)
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Stops the query of this id on the server. It is sent even while the page is being left, and needs no answer.
export function cancel(endpoint, id) {
  navigator.sendBeacon(`${endpoint}/queries/${id}`);
}

// The answer to a query: a table ({kind, columns, rows, text}), a yes or no ({kind, yes, text}), or a graph ({kind, text}).
export async function ask(endpoint, query, signal, id) {
  const response = await send(endpoint, id ? { query, queryId: id } : { query }, signal);
  const text = await read(response);
  const type = (response.headers.get("Content-Type") || "").split(";")[0];
  if (!response.ok) throw refusal(response, type, text);
  if (type !== TABLE) return { kind: "graph", text };
  const { head, results, boolean } = JSON.parse(text);
  if (boolean !== undefined) return { kind: "answer", yes: boolean, text };
  return { kind: "table", columns: head.vars, rows: results.bindings, text };
}

// The labels of some IRIs, as far as the graph has any.
export async function labelsOf(endpoint, iris, signal) {
  const asked = iris.filter((iri) => !NOT_IN_AN_IRI.test(iri)).map((iri) => `<${iri}>`);
  if (!asked.length) return new Map();
  const query = `SELECT ?iri (MIN(?said) AS ?label) WHERE { VALUES ?iri { ${asked.join(" ")} }
    ?iri <http://www.w3.org/2004/02/skos/core#prefLabel>|<http://www.w3.org/2000/01/rdf-schema#label> ?said } GROUP BY ?iri`;
  const { rows } = await ask(endpoint, query, signal);
  return new Map(rows.map((row) => [row.iri.value, row.label.value]));
}

// What is likely wrong with a query that finds nothing, as far as the server can tell.
export async function reasonsOf(address, query) {
  const response = await fetch(address, { method: "POST", body: new URLSearchParams({ query }) });
  return response.ok ? (await response.json()).reasons : [];
}

function send(endpoint, asked, signal) {
  const parameters = new URLSearchParams(asked);
  const address = `${endpoint}?${parameters}`;
  if (address.length > LONGEST_ADDRESS) {
    return fetch(endpoint, { method: "POST", body: parameters, headers: { Accept: ACCEPT }, signal });
  }
  return fetch(address, { headers: { Accept: ACCEPT }, signal });
}

// The server knows the length of what it sends, compressed or not, but for a large answer that takes long.
async function read(response) {
  const length = response.headers.get("Content-Length");
  if (length === null) return readAlong(response);
  const most = response.headers.has("Content-Encoding") ? MOST_COMPRESSED : MOST_BYTES;
  if (Number(length) <= most) return response.text();
  await response.body.cancel();
  throw new TooLarge(TOO_LARGE);
}

// An answer that comes while its query runs; it breaks off when the query has to be stopped.
async function readAlong(response) {
  const reader = response.body.getReader();
  const pieces = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : new Refusal(BROKE_OFF);
    });
    if (done) return new Blob(pieces).text();
    pieces.push(value);
    size += value.length;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw new TooLarge(TOO_LARGE);
    }
  }
}

function refusal(response, type, text) {
  if (type !== "application/problem+json") return new Refusal(text.trim() || `The server answered ${response.status}.`);
  const problem = JSON.parse(text);
  return new Refusal(sentence(problem.detail), problem);
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!…]$/.test(text) ? "" : ".");
}
