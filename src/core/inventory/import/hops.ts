import { isAddress } from "../../model/attributes.ts";
import type { Hop } from "./imported.ts";

/** `user@host:port` as the cluster file has it; `undefined` for what no address, user or port can be. */
export function hopText(hop: Hop): string | undefined {
  if (!isAddress(hop.host) || (hop.user !== undefined && !/^[^\s@:]+$/u.test(hop.user))) return undefined;
  if (hop.port !== undefined && (hop.port < 1 || hop.port > 65_535)) return undefined;
  const host = hop.host.includes(":") ? `[${hop.host}]` : hop.host;
  if (host.includes("%")) return undefined;
  return `${hop.user === undefined ? "" : `${hop.user}@`}${host}${hop.port === undefined ? "" : `:${hop.port}`}`;
}

/** Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`; an unreadable port becomes 0, which no hop may have. */
function readHop(written: string): Hop {
  const text = written
    .trim()
    .replace(/^ssh:\/\//u, "")
    .replace(/\/$/u, "");
  const cut = text.lastIndexOf("@");
  const user = cut === -1 ? undefined : text.slice(0, cut);
  const rest = text.slice(cut + 1);
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/u.exec(rest);
  const host = match?.[1] ?? match?.[2] ?? rest;
  const port = match?.[3];
  return {
    ...(user === undefined ? {} : { user }),
    host,
    ...(port === undefined ? {} : { port: /^\d{1,5}$/u.test(port) ? Number(port) : 0 }),
  };
}

/** Reads a comma-separated list of hops, first hop first; `none` and nothing are no hops. */
export function readHops(text: string): readonly Hop[] {
  if (/^\s*(none)?\s*$/iu.test(text)) return [];
  return text.split(",").map(readHop);
}

/** Options of ssh(1) that take an argument. */
const withArgument = new Set("BbcDEeFIiJLlmOoPpQRSWw");

/** The hop of `ssh [OPTIONS] -W %h:%p HOST`, the usual way to jump before ProxyJump; `undefined` for another command. */
export function proxyCommandHop(words: readonly string[]): Hop | undefined {
  if (!/(^|\/)ssh$/u.test(words[0] ?? "")) return undefined;
  let [forwards, host, user, port]: [boolean, string | undefined, string | undefined, string | undefined] = [
    false,
    undefined,
    undefined,
    undefined,
  ];
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-") || word === "-") {
      if (host !== undefined) return undefined; // a command to run there
      host = word;
      continue;
    }
    const at = word.split("").findIndex((letter, place) => place > 0 && withArgument.has(letter));
    if (at === -1) continue;
    const value = at + 1 < word.length ? word.slice(at + 1) : (words[(index += 1)] ?? "");
    const option = word[at] ?? "";
    if (option === "W") forwards = /^\[?%h\]?:%p$/u.test(value);
    else if (option === "l") user = value;
    else if (option === "p") port = value;
    else if (option === "J" || (/^(o)$/u.test(option) && /^\s*Proxy/iu.test(value))) return undefined;
  }
  if (!forwards || host === undefined) return undefined;
  const hop = readHop(host);
  return {
    ...((user ?? hop.user) === undefined ? {} : { user: user ?? hop.user ?? "" }),
    host: hop.host,
    ...(port === undefined ? (hop.port === undefined ? {} : { port: hop.port }) : { port: /^\d{1,5}$/u.test(port) ? Number(port) : 0 }),
  };
}
