/** `node scripts/complete-lock.mjs`, after dependencies changed: describes in package-lock.json the binaries for other platforms that the registry here does not have. */
import { readFileSync, writeFileSync } from "node:fs";
import { completed, gapsOf } from "./lib/lock-file.mjs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const gaps = gapsOf(lock);
if (gaps.length > 0) writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`);
console.log(gaps.length === 0 ? "package-lock.json is complete" : `package-lock.json: ${gaps.length} packages added`);
