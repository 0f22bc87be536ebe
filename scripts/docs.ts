/** `npm run docs` writes the generated documents; with `--check` it only says whether they are up to date (exit 1 when not). */
import { readFileSync, writeFileSync } from "node:fs";
import { errorsDocument } from "./lib/errors-doc.ts";

const file = new URL("../docs/errors.md", import.meta.url);
const wanted = errorsDocument();
const present = readOr(file, "");

if (process.argv.includes("--check")) {
  if (present !== wanted) {
    console.log("docs/errors.md is not up to date; run `npm run docs` and commit it.");
    process.exitCode = 1;
  }
} else if (present !== wanted) {
  writeFileSync(file, wanted);
  console.log("docs/errors.md written");
}

function readOr(url: URL, otherwise: string): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return otherwise;
  }
}
