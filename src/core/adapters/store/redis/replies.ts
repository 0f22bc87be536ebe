import type { Reply } from "./client.ts";

/** A list of texts; what is no list is an empty one. */
export function texts(reply: Reply): readonly string[] {
  return Array.isArray(reply) ? reply.map((each) => (typeof each === "string" ? each : String(each ?? ""))) : [];
}

/** A script's answer: a word for how it went, and a value. */
export function answerOf(reply: Reply): { readonly word: string; readonly value: string } {
  const [word = "", value = ""] = texts(reply);
  return { word, value };
}
