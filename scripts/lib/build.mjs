import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isLocked, withLock } from "./lock.mjs";
import { root } from "./run.mjs";
import { Stop, say, since, tail } from "./say.mjs";

const source = join(root, "src");
const output = join(root, "dist");
const stampFile = join(output, ".stamp");

/** The programs that are started by themselves; the rest of src/ and what it needs goes into chunks beside them. */
const entries = ["cli/main", "cli/command-line", "core/adapters/lab/daemon", "core/adapters/policy/worker"];

/** Bundles src/ into dist/ unless dist/ was built from exactly these sources. Throws `Stop` with the bundler's messages when they do not compile. */
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
    await bundle(fresh);
    copyAssets(fresh);
    writeFileSync(join(fresh, ".stamp"), digest);
    if (existsSync(output)) renameSync(output, old);
    renameSync(fresh, output);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
  say(`built in ${since(started)}`);
}

/**
 * A few files instead of hundreds: a command starts faster, since a module costs about a millisecond to find, read and link. ssh2 stays
 * outside because it looks for native parts at run time. Names are kept, so that a stack trace can be read. CommonJS, since V8 gives the code of what it
 * compiled late only for scripts (`src/cli/kept-code`).
 */
async function bundle(folder) {
  const { rolldown } = await import("rolldown");
  try {
    const bundled = await rolldown({
      input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
      platform: "node",
      external: [/^ssh2(\/|$)/],
      // React's development build costs four times as much.
      transform: { target: "node24", define: { "process.env.NODE_ENV": '"production"' } },
      resolve: { alias: { "yoga-layout": join(root, "scripts", "lib", "layout.mjs") } },
      plugins: [{ name: "without-waiting", transform: withoutWaiting, generateBundle: refuseLateImports }],
      logLevel: "silent",
    });
    await bundled.write({
      dir: folder,
      format: "cjs",
      banner: '"use strict";',
      entryFileNames: "[name].cjs",
      chunkFileNames: "chunks/[name]-[hash].cjs",
      keepNames: true,
      codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: chunkOf() }] },
    });
    await bundled.close();
  } catch (error) {
    throw new Stop(`src/ does not compile:\n${tail(String(error.message ?? error), 40)}`, 1);
  }
}

/**
 * What is changed in files of packages that wait while they are loaded, which CommonJS does not know: Ink has no window for developers, and its layout library gets the
 * bytes of its WebAssembly (`layout.mjs`) where it would `fetch` a data: address.
 */
const changes = [
  [/\/ink\/build\/reconciler\.js$/, /process\.env\['DEV'\] === 'true'/g, "false"],
  [/\/ink\/build\/reconciler\.js$/, /\bawait (?=import\('\.\/devtools\.js'\)|loadPackageJson\(\))/g, ""],
  [
    /\/yoga-wasm-base64-esm\.js$/,
    /"data:application\/octet-stream;base64,([^"]+)"/,
    '(h.wasmBinary=w=Buffer.from("$1","base64"),"data:,")',
  ],
];

function withoutWaiting(code, id) {
  let changed = code;
  for (const [file, what, instead] of changes) {
    if (!file.test(id)) continue;
    if (changed.search(what) < 0) throw new Stop(`${id} is another than scripts/lib/build.mjs knows.`, 1);
    changed = changed.replace(what, instead);
  }
  return changed === code ? null : { code: changed, map: null };
}

/** `import()` of what is not in the bundle stays as it is, and what is loaded by `src/cli/kept-code` cannot do that. */
function refuseLateImports(_options, files) {
  const late = Object.values(files).flatMap(({ dynamicImports = [] }) => dynamicImports.filter((id) => !Object.hasOwn(files, id)));
  if (late.length > 0) throw new Stop(`import() of ${late.join(", ")}: what is not in the bundle is imported at the top of a file.`, 1);
}

/** What is loaded together, by the modules that ask for it: a standby that waits; every start; a command on a cluster; a plan or an apply. What several would have goes to the first. */
const together = [
  ["standby", ["cli/house/standby.ts"]],
  ["start", ["cli/program.ts"]],
  ["house", ["cli/house/open.ts"]],
  [
    "plan",
    [
      "core/commands/apply-run.ts",
      "core/commands/plan-document.ts",
      "core/authority/policy/judge.ts",
      "core/adapters/audit/signing-key.ts",
    ],
  ],
];

/** Names the chunk of a module that several ask for; left alone, the bundler would make a hundred small files of them. */
function chunkOf() {
  let sets;
  return (id, bundling) => {
    sets ??= together.map(([name, roots]) => [name, reachable(roots, bundling)]);
    return sets.find(([, set]) => set.has(id))?.[0] ?? null;
  };
}

/** All modules that are loaded when these are, as long as nothing is imported at need. */
function reachable(roots, bundling) {
  const seen = new Set();
  const visit = (id) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const next of bundling.getModuleInfo(id)?.importedIds ?? []) visit(next);
  };
  for (const each of roots) visit(join(source, each));
  return seen;
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
  const settings = ["scripts/lib/build.mjs", "scripts/lib/layout.mjs", "package.json", "package-lock.json", "tsconfig.json"].map((file) =>
    join(root, file),
  );
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
