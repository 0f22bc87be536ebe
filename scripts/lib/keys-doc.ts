import { keysWords, levelWords } from "../../src/tui/frame/help.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { standardKeymap } from "../../src/tui/screens/table.ts";

/** `docs/keys.md`: every key of the terminal UI, from the same table that its help is made from. */
export function keysDocument(): string {
  const rows = standardKeymap(screens);
  const sections = [
    ["global", "Everywhere"],
    ["list", "In rows"],
    ...screens.all.map(({ id, about }) => [id, `Screen \`${id}\`: ${about}`]),
  ];
  const tables = sections.flatMap(([scope, title]) => {
    const of = rows.filter((row) => row.scope === scope);
    if (of.length === 0) return [];
    const lines = of.map((row) => `| ${cell(keysWords(row))} | ${row.label}${levelWords(row)} | \`${row.scope}.${row.action}\` |`);
    return [`## ${title}`, "", "| keys | what | name for `keys.yaml` |", "| --- | --- | --- |", ...lines, ""];
  });
  return [
    "# Keys of the terminal UI",
    "",
    "Generated from the keymap (`npm run docs`). [tui.md](tui.md) tells how to change them.",
    "",
    ...tables,
  ].join("\n");
}

function cell(keys: string): string {
  return keys
    .split(", ")
    .map((key) => `\`${key.replaceAll("|", "\\|")}\``)
    .join(" ");
}
