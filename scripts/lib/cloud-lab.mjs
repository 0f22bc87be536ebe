import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root } from "./run.mjs";
import { Stop, say, since, tail } from "./say.mjs";

const cgroups = "/sys/fs/cgroup";

/** A cloud's machines: an nspawn lab in a folder of its own, with `halligan` and ssh for it. Every call is bounded. */
export class CloudLab {
  /**
   * Brings up `nodes` machines for some work, and takes them down however it ends, by a signal too; `keep` leaves them there. `script`: the
   * npm script that asks; `layer`: as in `up`, from the current folder; `on`: the folder of machines that were kept, instead of new ones.
   * @throws Stop without root, and what the work throws.
   */
  static async with(nodes, { script, layer, keep, on }, work) {
    if (process.getuid?.() !== 0) throw new Stop(`a cloud needs machines, and these need root: sudo npm run ${script}`, 2);
    const lab =
      on === undefined ? await CloudLab.up(nodes, layer === undefined ? {} : { layer: resolve(layer) }) : new CloudLab(resolve(on));
    const end = async () => {
      if (keep) say(`the machines are kept: cd ${lab.folder}; halligan lab down --discard --yes ends them.`);
      else await lab.down();
    };
    const leave = async (signal) => {
      say(`${signal}: ${keep ? "leaving" : "taking the machines down"} ...`);
      await end();
      process.exit(130);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void leave(signal));
    try {
      return await work(lab);
    } finally {
      await end();
    }
  }

  /** Brings up `nodes` machines; `layer` is a folder with packages installed (examples/openstack/make-layer.sh). */
  static async up(nodes, { layer } = {}) {
    const lab = new CloudLab(mkdtempSync(join(tmpdir(), "halligan-cloud-")));
    const layered = layer === undefined ? [] : ["--layer", layer];
    try {
      await lab.halligan(["lab", "up", "--nodes", String(nodes), "--driver", "nspawn", "--provider-network", ...layered], {
        limitMs: 600_000,
      });
    } catch (error) {
      await lab.down();
      throw error;
    }
    return lab;
  }

  constructor(folder) {
    this.folder = folder;
    this.file = join(folder, "cluster.yaml");
  }

  /** Machines by name: `{ n1: "10.77.0.11" }`. */
  get addresses() {
    const text = readFileSync(this.file, "utf8");
    return Object.fromEntries([...text.matchAll(/^ {2}(n\d+): \{ address: ([0-9.]+)/gmu)].map(([, name, address]) => [name, address]));
  }

  /** What the cloud is called in the clouds.yaml of its machines. */
  get cloud() {
    return /^cluster: (\S+)/mu.exec(readFileSync(this.file, "utf8"))[1];
  }

  /** Runs `halligan` on the lab's cluster file. @throws Stop with what it said, unless its exit code is among `codes`. */
  async halligan(args, { limitMs = 120_000, codes = [0] } = {}) {
    const entry = [join(root, "src/cli/main.ts"), ...args];
    const told = await bounded(process.execPath, entry, { cwd: this.folder, env: { ...process.env, HOME: this.folder }, limitMs });
    if (codes.includes(told.code)) return told;
    throw new Stop(`halligan ${args.join(" ")} ended with ${told.code}:\n${tail(`${told.stdout}${told.stderr}`, 60)}`, 1);
  }

  /** The document of a command that gives one. */
  async document(args, options) {
    return JSON.parse((await this.halligan(["--json", ...args], options)).stdout);
  }

  /** Runs a text on a machine as root, and gives what it printed. @throws Stop. */
  async on(name, text, { limitMs = 120_000, input = "" } = {}) {
    const ssh = [
      "-q",
      "-i",
      join(this.folder, ".halligan/lab/id_ed25519"),
      "-o",
      `UserKnownHostsFile=${join(this.folder, ".halligan/known_hosts")}`,
    ];
    const told = await bounded("ssh", [...ssh, "-o", "BatchMode=yes", `root@${this.addresses[name]}`, text], { limitMs, input });
    if (told.code === 0) return told.stdout;
    throw new Stop(`on ${name}: ${text.split("\n")[0]} ended with ${told.code}:\n${tail(`${told.stdout}${told.stderr}`, 40)}`, 1);
  }

  /** Copies a file to a machine. */
  async put(name, from, to) {
    await this.on(name, `cat >${to}`, { input: readFileSync(from) });
  }

  /** CPU seconds that each machine has used since it came up; a machine's cgroup ends with its name. */
  cpuSeconds() {
    const bridge = JSON.parse(readFileSync(join(this.folder, ".halligan/lab/lab.json"), "utf8")).bridge;
    return Object.fromEntries(Object.keys(this.addresses).map((name) => [name, cpuOf(`${bridge}-${name}`)]));
  }

  /** Ends the machines and removes the folder. */
  async down() {
    await this.halligan(["lab", "down", "--discard", "--yes"], { limitMs: 300_000, codes: [0, 2] }).catch((error) => say(error.message));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Puts the example's deployments below the lab's own nodes, which get the labels of the example. */
  async useExample(example, labels) {
    const own = readFileSync(this.file, "utf8").split(/^(?:set|deployments):/mu)[0];
    const given = readFileSync(join(root, "examples", example, "cluster.yaml"), "utf8");
    this.deployments = given.slice(given.search(/^deployments:/mu));
    this.nodes = own;
    this.write(labels);
  }

  /** Writes the cluster file: only nodes that have a label of their own take part, `edit` changes the deployments. */
  write(labels, edit = (text) => text) {
    const nodes = this.nodes.replace(/^ {2}(n\d+): \{ (.*?)(?:, labels: \{[^}]*\})? \}$/gmu, (_line, name, rest) =>
      labels[name] === undefined ? `  ${name}: { ${rest} }` : `  ${name}: { ${rest}, labels: { tier: ${labels[name]} } }`,
    );
    writeFileSync(this.file, `${nodes}${edit(this.deployments)}`);
  }
}

function cpuOf(name) {
  const v2 = join(cgroups, name, "cpu.stat");
  if (existsSync(v2)) return Number(/^usage_usec (\d+)/mu.exec(readFileSync(v2, "utf8"))?.[1] ?? 0) / 1e6;
  const controllers = readdirSync(cgroups).filter((each) => existsSync(join(cgroups, each, name, "cpuacct.usage")));
  return controllers.length === 0 ? Number.NaN : Number(readFileSync(join(cgroups, controllers[0], name, "cpuacct.usage"), "utf8")) / 1e9;
}

/** Runs a program, ends it when it takes too long, and passes on the signals that end this one. */
function bounded(command, args, { limitMs, input = "", ...options }) {
  const started = Date.now();
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  const timer = setTimeout(() => child.kill("SIGTERM"), limitMs);
  const hard = setTimeout(() => child.kill("SIGKILL"), limitMs + 30_000);
  const out = { stdout: [], stderr: [] };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => out[name].push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      clearTimeout(hard);
      const late = Date.now() - started >= limitMs ? `\nit was ended after ${since(started)}` : "";
      resolve({
        code: code ?? 124,
        stdout: Buffer.concat(out.stdout).toString(),
        stderr: `${Buffer.concat(out.stderr).toString()}${late}`,
      });
    });
  });
}
