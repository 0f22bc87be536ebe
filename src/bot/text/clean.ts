import { safeText } from "../../core/words/safe-text.ts";

/** Orders to a terminal: colours, cursor movements, titles. */
const terminalOrders = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/gu;

/**
 * What looks like a credential whatever it is called. Values of the cluster's own secrets are taken out where texts are born (run/redactor.ts);
 * this is the last net, for what nobody declared.
 */
const credentials: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/gu, "[private key]"],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{20,}/gu, "[age key]"],
  [/\bx(?:ox[abeprs]|app)-[0-9A-Za-z-]{8,}/gu, "[slack token]"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/gu, "[aws key]"],
  [/\bgh[oprsu]_[0-9A-Za-z]{30,}/gu, "[github token]"],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/gu, "[jwt]"],
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@]{0,100}:)[^\s/@]{1,200}@/giu, "$1[redacted]@"],
];

/** Text of any origin without orders to terminals, invisible marks and credentials. Newlines and tabs stay. */
export function clean(text: string): string {
  let told = text.replace(terminalOrders, "");
  for (const [pattern, instead] of credentials) told = told.replace(pattern, instead);
  return safeText(told);
}

/** The same on one line: what came from outside must not look like a line of ours. */
export function cleanLine(text: string): string {
  return clean(text)
    .replaceAll(/[\s\u0085]+/gu, " ")
    .trim();
}

/** Whole characters of a text, at most `most` UTF-16 units with the mark that something was cut. */
export function cutPlain(text: string, most: number, mark = "…"): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, Math.max(0, most - mark.length))
    .toWellFormed()
    .replace(/\ufffd$/u, "")}${mark}`.slice(0, most);
}

/** One line for a `plain_text` object (headers, buttons, titles), where Slack knows no escapes: brackets are made harmless. */
export function plainLine(text: string, most: number): string {
  return cutPlain(cleanLine(text).replaceAll("<", "‹").replaceAll(">", "›"), most) || "-";
}
