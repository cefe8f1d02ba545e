// A reader's own copy of a document: whether it is the very text, and where the cited passages stand in it. Nothing is
// sent. The hash is a package's, for crypto.subtle is there only over https and on one's own machine.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const NEAR = 64; // characters that a passage is looked for around its place, in a copy that differs
const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"];
const encoder = new TextEncoder();
const digest = (bytes) => bytesToHex(sha256(bytes));

function decoded(bytes, encoding) {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

// A text as it is cited: without a byte order mark, its lines ended by line feeds.
const plain = (text) => text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");

// What a file holds: {text, sha256, same}, where `same` is "bytes", "text" (in another encoding or with other line ends)
// or nothing; {fault} in words for what is no text.
export function read(bytes, wanted) {
  const found = digest(bytes);
  if (found === wanted) return { text: decoded(bytes, "utf-8"), sha256: found, same: "bytes" };
  if (String.fromCharCode(...bytes.slice(0, 5)) === "%PDF-") {
    return { fault: "This is a PDF. The passages are counted in the text file of the document; open that one." };
  }
  for (const encoding of ENCODINGS) {
    const text = decoded(bytes, encoding);
    if (text !== null && digest(encoder.encode(plain(text))) === wanted) {
      return { text: plain(text), sha256: found, same: "text" };
    }
  }
  const text = decoded(bytes, "utf-8");
  if (text === null || text.includes("\0")) {
    return { fault: "This is not a text file in UTF-8. Save the document as plain text in that encoding, and open it again." };
  }
  return { text: plain(text), sha256: found, same: "" };
}

// Where each code point of a text begins, in the units of JavaScript's strings. Offsets of the graph count code points.
function unitsOf(text) {
  const units = new Uint32Array(text.length + 1);
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at) > 0xffff ? 2 : 1) units[count++] = at;
  units[count] = text.length;
  return units.subarray(0, count + 1);
}

// The places of passages ({start, end, digest}, in their order) as spans of the text, or null where it has other words.
// What was put in or left out before a passage shifts it, and all that follow by as much.
export function places(text, passages) {
  const units = unitsOf(text);
  const stands = (passage, shift) => {
    const [start, end] = [passage.start + shift, passage.end + shift];
    if (start < 0 || end >= units.length) return false;
    return digest(encoder.encode(text.slice(units[start], units[end]))) === passage.digest;
  };
  let shift = 0;
  return passages.map((passage) => {
    let found = stands(passage, shift) ? shift : null;
    for (let step = 1; found === null && step <= NEAR; step += 1) {
      found = [shift + step, shift - step].find((each) => stands(passage, each)) ?? null;
    }
    if (found === null) return null;
    shift = found;
    return { start: units[passage.start + shift], end: units[passage.end + shift] };
  });
}

// The spans of the lines of a text; one that goes on in a small letter belongs to the line before.
export function blocks(text) {
  const found = [];
  let above = false;
  for (const line of text.matchAll(/[^\n\f]+/g)) {
    const words = line[0].trim();
    const gap = found.length ? text.slice(found[found.length - 1].end, line.index) : "";
    const start = line.index + line[0].length - line[0].trimStart().length;
    const end = start + words.length;
    if (words && above && /^\p{Ll}/u.test(words) && !/\n\s*\n/.test(gap)) found[found.length - 1].end = end;
    else if (words) found.push({ start, end });
    above = Boolean(words);
  }
  return found;
}
