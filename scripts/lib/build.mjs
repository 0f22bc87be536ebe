import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isLocked, withLock } from "./lock.mjs";
import { binFolder, root, run } from "./run.mjs";
import { Stop, say, since, tail } from "./say.mjs";

const source = join(root, "src");
const output = join(root, "dist");
const stampFile = join(output, ".stamp");

/** Compiles src/ into dist/ unless dist/ was built from exactly these sources. Throws `Stop` with the compiler's messages when they do not compile. */
export async function ensureBuilt() {
  if (!isLocked() && isFresh(sourcesDigest())) return;
  await withLock(async () => {
    const digest = sourcesDigest();
    if (!isFresh(digest)) await build(digest);
  });
}

function isFresh(digest) {
  try {
    return readFileSync(stampFile, "utf8") === digest;
  } catch {
    return false;
  }
}

/** Builds beside dist/ and then swaps: nobody ever sees half a build, and files of deleted sources disappear. */
async function build(digest) {
  const started = Date.now();
  say("building ...");
  const fresh = join(root, ".cache", `build.${process.pid}`);
  const old = join(root, ".cache", `old.${process.pid}`);
  try {
    const result = await run(join(binFolder, "tsc"), ["-p", "tsconfig.build.json", "--outDir", fresh], { quiet: true });
    if (result.interrupted) throw new Stop("the build was interrupted.", result.interrupted);
    if (result.code !== 0) throw new Stop(`src/ does not compile:\n${tail(result.output, 40)}`, 1);
    copyAssets(fresh);
    writeFileSync(join(fresh, ".stamp"), digest);
    if (existsSync(output)) renameSync(output, old);
    renameSync(fresh, output);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
  say(`built in ${since(started)}`);
}

function copyAssets(target) {
  for (const file of filesBelow(source).filter((each) => !/\.tsx?$/.test(each))) {
    const copy = join(target, relative(source, file));
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(file, copy);
  }
}

function sourcesDigest() {
  const hash = createHash("sha256");
  const settings = ["tsconfig.json", "tsconfig.build.json", "node_modules/typescript/package.json"].map((file) => join(root, file));
  for (const file of [...filesBelow(source), ...settings]) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}
