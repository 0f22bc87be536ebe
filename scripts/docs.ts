/** `npm run docs` writes the generated documents; with `--check` it only says whether they are up to date (exit 1 when not). */
import { readFileSync, writeFileSync } from "node:fs";
import { commandsDocument } from "./lib/commands-doc.ts";
import { errorsDocument } from "./lib/errors-doc.ts";
import { eventsDocument } from "./lib/events-doc.ts";
import { keysDocument, readmeWithKeys } from "./lib/keys-doc.ts";

/** Each is made from what its file says now, since README.md is generated in part only. */
const documents: Readonly<Record<string, (now: string) => string>> = {
  "docs/errors.md": errorsDocument,
  "docs/commands.md": commandsDocument,
  "docs/events.md": eventsDocument,
  "docs/keys.md": keysDocument,
  "README.md": readmeWithKeys,
};

for (const [name, make] of Object.entries(documents)) {
  const file = new URL(`../${name}`, import.meta.url);
  const now = readOr(file, "");
  const wanted = make(now);
  if (now === wanted) continue;
  if (process.argv.includes("--check")) {
    console.log(`${name} is not up to date; run \`npm run docs\` and commit it.`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    console.log(`${name} written`);
  }
}

function readOr(url: URL, otherwise: string): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return otherwise;
  }
}
