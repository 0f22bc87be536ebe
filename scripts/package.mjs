/**
 * `npm run package [FOLDER]`: makes `halligan-VERSION.tgz`, which `npm install -g` installs without a network. Everything that runs is bundled in dist/ but
 * ssh2, which looks for native parts at run time and goes along as a bundled dependency, without them: the pure implementation is used.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root, run } from "./lib/run.mjs";
import { explain, say, Stop } from "./lib/say.mjs";

/** Files of an installation beside package.json. */
const parts = ["bin", "dist", "barclamps", "policy", "examples", "docs", "systemd", "README.md", "CHANGELOG.md", "LICENSE"];

/** What is not in the bundle. */
const outside = "ssh2";

async function main([target = "."]) {
  const folder = mkdtempSync(join(tmpdir(), "halligan-package-"));
  try {
    const own = readJson(join(root, "package.json"));
    for (const part of parts) {
      if (!existsSync(join(root, part))) throw new Stop(`${part} is missing; it belongs to the package.`, 1);
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    const modules = withAllTheyNeed(outside);
    for (const name of modules) copyModule(name, folder);
    const { name, version, description, license, type, engines, bin } = own;
    const dependencies = Object.fromEntries(
      modules.map((each) => [each, readJson(join(root, "node_modules", each, "package.json")).version]),
    );
    const made = { name, version, description, license, type, private: true, engines, bin, dependencies, bundleDependencies: modules };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(made, null, 2)}\n`);
    mkdirSync(resolve(target), { recursive: true });
    const packed = await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", resolve(target), folder], {
      quiet: true,
    });
    if (packed.code !== 0) throw new Stop(`npm pack failed:\n${packed.output}`, 1);
    say(`made ${join(resolve(target), packed.output.trim())}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A module and, first to last, what it needs; optional native parts are left out. */
function withAllTheyNeed(first) {
  const found = new Set([first]);
  for (const name of found) {
    const { dependencies = {} } = readJson(join(root, "node_modules", name, "package.json"));
    for (const each of Object.keys(dependencies)) found.add(each);
  }
  return [...found];
}

/** Without install scripts and optional dependencies: nothing is compiled or fetched where the package is installed. */
function copyModule(name, folder) {
  const target = join(folder, "node_modules", name);
  cpSync(join(root, "node_modules", name), target, {
    recursive: true,
    filter: (source) => !/[/\\](test|examples|build|node_modules)$/u.test(source.slice(join(root, "node_modules").length)),
  });
  const { scripts: _scripts, optionalDependencies: _optional, devDependencies: _dev, ...plain } = readJson(join(target, "package.json"));
  writeFileSync(join(target, "package.json"), `${JSON.stringify(plain, null, 2)}\n`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}
