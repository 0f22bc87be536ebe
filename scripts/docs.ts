/** `npm run docs` writes the generated documents; with `--check` it only says whether they are up to date (exit 1 when not). */
import { readFileSync, writeFileSync } from "node:fs";
import { commandsDocument } from "./lib/commands-doc.ts";
import { errorsDocument } from "./lib/errors-doc.ts";
import { eventsDocument } from "./lib/events-doc.ts";
import { keysDocument } from "./lib/keys-doc.ts";

const documents: Readonly<Record<string, () => string>> = {
  "errors.md": errorsDocument,
  "commands.md": commandsDocument,
  "events.md": eventsDocument,
  "keys.md": keysDocument,
};

for (const [name, make] of Object.entries(documents)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  const wanted = make();
  if (readOr(file, "") === wanted) continue;
  if (process.argv.includes("--check")) {
    console.log(`docs/${name} is not up to date; run \`npm run docs\` and commit it.`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    console.log(`docs/${name} written`);
  }
}

function readOr(url: URL, otherwise: string): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return otherwise;
  }
}
