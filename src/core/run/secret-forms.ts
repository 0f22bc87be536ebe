/** Shorter values are not looked for: they would match everywhere. */
export const SHORTEST_REDACTED = 4;

// A line of a multi-line secret (a private key) is a secret of its own when it is at least this long.
const SHORTEST_LINE = 8;

const encoder = new TextEncoder();

/**
 * The byte forms in which a secret value may turn up in output: as it is, trimmed, line by line, and as base64 (any alignment, both alphabets, also
 * inside of a URL), hexadecimal, URL-encoded, JSON-escaped (once and twice), XML-escaped, C-escaped, or quoted for the shell. Each has at least 4 bytes.
 * Empty for values of fewer than 4 bytes.
 */
export function secretForms(value: string): readonly Uint8Array[] {
  if (encoder.encode(value).length < SHORTEST_REDACTED) return [];
  const texts = new Set<string>();
  for (const part of [value, value.trim(), ...longLines(value)]) {
    const forms = [...urlForms(part), ...jsonForms(part), ...shellForms(part), ...escapedForms(part), ...xmlForms(part)];
    for (const text of [part, ...forms]) texts.add(text);
  }
  for (const text of [...base64Forms(value), ...hexForms(value), ...hexForms(value.trim())]) texts.add(text);
  return [...texts].map((text) => encoder.encode(text)).filter((bytes) => bytes.length >= SHORTEST_REDACTED);
}

function longLines(value: string): readonly string[] {
  const lines = value.split(/\r?\n/);
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= SHORTEST_LINE);
}

function urlForms(value: string): readonly string[] {
  const uri = encodeURIComponent(value.toWellFormed());
  const strict = uri.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [uri, strict, uri.replaceAll("%20", "+"), strict.replaceAll("%20", "+")];
  return [...upper, ...upper.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}

function jsonForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const twice = JSON.stringify(json).slice(1, -1);
  return [json, ascii, json.replaceAll("/", "\\/"), ascii.replaceAll("/", "\\/"), twice];
}

/** As programs print a text between single or double quotes: Python, bash's `$'...'`, C with octal codes. */
function escapedForms(value: string): readonly string[] {
  const plain = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  const octal = [...Buffer.from(plain.replaceAll('"', '\\"'))].map((byte) =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return [plain, plain.replaceAll("'", "\\'"), plain.replaceAll('"', '\\"'), octal.join("")];
}

function xmlForms(value: string): readonly string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const attribute = text.replaceAll('"', "&quot;");
  return [text, attribute, attribute.replaceAll("'", "&#39;"), attribute.replaceAll("'", "&apos;"), attribute.replaceAll("'", "&#x27;")];
}

function hexForms(value: string): readonly string[] {
  const hex = Buffer.from(value).toString("hex");
  const spaced = hex.replace(/..(?!$)/g, "$& ");
  return [hex, hex.toUpperCase(), spaced, spaced.toUpperCase()];
}

function shellForms(value: string): readonly string[] {
  return [value.replaceAll("'", `'\\''`), value.replaceAll("'", `'"'"'`), value.replace(/[\\"$`]/g, "\\$&")];
}

/** Base64 of the value alone, and the characters that depend on nothing else when 0, 1 or 2 bytes stand before it in a group of three. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms = [bytes.toString("base64"), bytes.toString("base64").replace(/=+$/, "")];
  for (const before of [0, 1, 2]) {
    const all = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    forms.push(all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)));
  }
  return forms.flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
    form.replaceAll("+", "%2B").replaceAll("/", "%2F").replaceAll("=", "%3D"),
    form.replaceAll("+", "%2b").replaceAll("/", "%2f").replaceAll("=", "%3d"),
    form.replaceAll("/", "\\/"),
  ]);
}
