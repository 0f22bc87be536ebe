import { refSchema } from "./lock-file.ts";

/** Where a barclamp comes from, as written: an address that git understands, or a path on this machine. */
export type WrittenSource =
  | { readonly kind: "url"; readonly url: string /** Nothing proves who answered. */; readonly unprotected: boolean }
  | { readonly kind: "path"; readonly path: string };

/** What was read, or why not: a clause without a full stop that never repeats what was written. */
export type ReadSource = { readonly ok: true; readonly source: WrittenSource } | { readonly ok: false; readonly message: string };

const schemes: ReadonlySet<string> = new Set(["https", "http", "ssh", "git", "file"]);
const plain: ReadonlySet<string> = new Set(["http", "git"]);

/** Reads a source without its `@REF`. */
export function readSource(text: string): ReadSource {
  if (text === "" || text.length > 2000) return { ok: false, message: "it is empty or too long" };
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return { ok: false, message: "it holds control characters" };
  if (text.startsWith("-")) return { ok: false, message: "it begins with `-`; write a path as ./-..." };
  if (/^[a-z0-9+.-]*::/iu.test(text)) return { ok: false, message: "git's remote helpers (`NAME::`) are not used" };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) return readUrl(text, scheme);
  if (/^[^/:]+@[^/:]+:.|^[A-Za-z0-9.-]{2,}:[^/:]./u.test(text)) {
    if (/\s/u.test(text)) return { ok: false, message: "it holds spaces" };
    return { ok: true, source: { kind: "url", url: text, unprotected: false } };
  }
  return { ok: true, source: { kind: "path", path: text } };
}

function readUrl(text: string, scheme: string): ReadSource {
  if (!schemes.has(scheme)) return { ok: false, message: `\`${scheme}://\` is none of ${[...schemes].join(", ")}` };
  if (!URL.canParse(text) || /\s/u.test(text)) return { ok: false, message: "it is no URL" };
  const { password, hostname } = new URL(text);
  if (password !== "")
    return { ok: false, message: "it holds a password, which would stand in halligan.lock for everybody; use a credential helper of git" };
  if (hostname.startsWith("-")) return { ok: false, message: "its host begins with `-`" };
  return { ok: true, source: { kind: "url", url: text, unprotected: plain.has(scheme) } };
}

/**
 * Parts `SOURCE@REF`. The `@` before a host is none, and one in a path is one only where a ref follows. Without a ref the text is the source.
 */
export function partSource(text: string): { readonly source: string; readonly ref?: string } {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/iu.exec(text)?.[0] ?? /^[^/:]+@[^/:]+:/u.exec(text)?.[0] ?? "";
  const at = text.indexOf("@", authority.length);
  if (at <= 0) return { source: text };
  const ref = text.slice(at + 1);
  return refSchema.safeParse(ref).success ? { source: text.slice(0, at), ref } : { source: text };
}
