import type { Selector } from "../model/cluster.ts";

/** A selector as a user would write it, for messages. */
export function selectorText(selector: Selector, inner = false): string {
  switch (selector.op) {
    case "all":
      return "*";
    case "eq":
      return `${selector.label}=${selector.value}`;
    case "ne":
      return `${selector.label}!=${selector.value}`;
    case "has":
      return selector.label;
    case "name":
      return selector.pattern;
    case "not":
      return `!(${selectorText(selector.of)})`;
    case "and":
    case "or": {
      const text = selector.of.map((each) => selectorText(each, true)).join(selector.op === "and" ? " & " : " | ");
      return inner ? `(${text})` : text;
    }
    default:
      return selector satisfies never;
  }
}
