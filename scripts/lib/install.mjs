import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isLocked, sharesLock, withLock } from "./lock.mjs";
import { binFolder, pathWithout, root, run } from "./run.mjs";
import { Stop, say, since, tail } from "./say.mjs";

const wanted = [24, 15];
const ownNode = join(root, "node_modules", "node", "bin", "node");
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/** Installs what is missing and returns the path of a Node.js that is new enough. Cheap (some milliseconds) when nothing is missing. */
export async function ensureInstalled() {
  if (!isLocked() && dependenciesComplete()) {
    const node = findNode();
    if (node !== undefined) return node;
  }
  return withLock(async () => {
    if (!dependenciesComplete()) await installDependencies();
    return findNode() || (await installNode());
  });
}

/** npm writes node_modules/.package-lock.json last, so it is missing after an interrupted installation; it must name what package-lock.json names. */
function dependenciesComplete() {
  const asked = packagesOf("package-lock.json");
  const present = packagesOf(join("node_modules", ".package-lock.json"));
  if (asked === undefined) throw new Stop("package-lock.json is missing or damaged; restore it with `git checkout package-lock.json`.", 2);
  if (present === undefined) return false;
  const same = (path) => present[path] !== undefined && present[path].version === asked[path].version;
  const wantedHere = Object.keys(asked).filter((path) => path !== "" && !asked[path].optional);
  return wantedHere.every(same) && Object.keys(present).every((path) => asked[path] !== undefined && same(path));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** The npm package `node`, else the Node.js that runs this script if it is new enough and the package does not exist for this machine. */
function findNode() {
  if (isNewEnough(versionOf(ownNode))) return ownNode;
  const supported = platforms.includes(`${process.platform}-${process.arch}`);
  return !supported && isNewEnough(process.version) ? process.execPath : undefined;
}

function versionOf(node) {
  const result = spawnSync(node, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return result.status === 0 ? result.stdout.trim() : "";
}

function isNewEnough(version) {
  const match = /^v(\d+)\.(\d+)\./.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

async function installDependencies() {
  const started = Date.now();
  say("installing dependencies (once, about 30 s) ...");
  await npm(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  say(`dependencies installed in ${since(started)}`);
}

/** Runs the install script of the npm package `node`, the only one that may run: it downloads the binary for this machine. */
async function installNode() {
  const machine = `${process.platform}-${process.arch}`;
  if (!platforms.includes(machine)) {
    throw new Stop(`there is no ready Node.js for ${machine}; install Node.js ${wanted.join(".")} or later yourself and try again.`, 2);
  }
  const started = Date.now();
  say(`installing Node.js ${wanted[0]} for this project only (once, about 10 s) ...`);
  rmSync(ownNode, { force: true });
  await npm(["rebuild", "node", "--ignore-scripts=false", "--no-audit", "--no-fund", "--loglevel=error"]);
  const version = versionOf(ownNode);
  if (isNewEnough(version)) {
    say(`Node.js ${version} installed in ${since(started)}`);
    return ownNode;
  }
  rmSync(ownNode, { force: true });
  if (isNewEnough(process.version)) return process.execPath;
  const cause = version === "" ? "it does not run here (another C library, as on Alpine?)" : `it is ${version}`;
  throw new Stop(
    `the Node.js that was installed cannot be used: ${cause}. Install Node.js ${wanted.join(".")} or later yourself and try again.`,
    2,
  );
}

async function npm(args) {
  let result;
  try {
    result = await run("npm", args, { env: npmEnvironment(), quiet: true, onStart: sharesLock });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Stop("npm was not found on PATH; install it (Debian, Ubuntu: apt-get install npm) and try again.", 2);
  }
  if (result.interrupted) throw new Stop("installation was interrupted; the next start goes on with it.", result.interrupted);
  if (result.code !== 0) throw npmProblem(args[0], result.output);
}

function npmProblem(task, output) {
  if (/\bEUSAGE\b/.test(output)) {
    const hint = "Type: npm install --package-lock-only && node scripts/complete-lock.mjs";
    return new Stop(
      `package-lock.json does not fit package.json. ${hint}\n${tail(output.replace(/^npm error\s*(?!Missing|Invalid).*\n/gm, ""), 10)}`,
      2,
    );
  }
  const network = /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/.exec(output);
  if (network) {
    const hint = "Check the network and the proxy settings (HTTPS_PROXY, npm config get registry), then try again.";
    return new Stop(`the npm registry cannot be reached (${network[1]}). ${hint}\n${tail(output, 6)}`, 5);
  }
  if (/\bENOSPC\b/.test(output)) return new Stop(`the disk is full; free about 1 GB and try again.\n${tail(output, 6)}`, 2);
  if (/\b(EACCES|EROFS|EPERM)\b/.test(output)) {
    return new Stop(`npm may not write here; make ${root} writable for this user and try again.\n${tail(output, 6)}`, 2);
  }
  return new Stop(`npm ${task} failed. What it said last:\n${tail(output)}`, 1);
}

/** The environment for npm: without the project's own node (npm may be about to delete it) and without settings of an outer npm that would misdirect this one. */
function npmEnvironment() {
  const env = { ...process.env, PATH: pathWithout(binFolder).join(delimiter) };
  for (const name of Object.keys(env)) {
    if (
      /^npm_config_(prefix|local_prefix|global|global_prefix|omit|include|only|production|ignore_scripts|workspaces?|dry_run)$/i.test(name)
    ) {
      delete env[name];
    }
  }
  return env;
}
