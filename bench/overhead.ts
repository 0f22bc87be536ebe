import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { median, milliseconds, table } from "./figures.ts";
import { measure, type Measured, runIn } from "./measure.ts";
import { type Account, openAccount } from "./rig/cgroups.ts";
import { prepareRig, type Rig } from "./rig/nodes.ts";
import { makeArchive, writeCluster } from "./work/cluster.ts";
import { compiledScripts, runCompiled } from "./work/compiled.ts";
import { describeWork, plainScript } from "./work/plain.ts";

/**
 * The contenders: the command line of Halligan; one plain script, written by hand, over one plain `ssh` per node; and, for no-ops, the script that
 * Halligan sends over one plain `ssh` per node, which leaves the engine's own share.
 */
type Contender = "halligan" | "ssh" | "compiled";
type Phase = "first" | "noop";

/** One measurement. */
export interface Sample extends Measured {
  readonly nodes: number;
  readonly round: number;
  readonly contender: Contender;
  readonly phase: Phase;
}

/** How much to measure, and where. */
export interface OverheadOptions {
  readonly nodes: readonly number[];
  readonly rounds: number;
  /** No-op applies per round and contender. */
  readonly noops: number;
  /** A folder that the caller removes. */
  readonly folder: string;
  /** The command line's start: program and leading arguments. */
  readonly halligan: readonly string[];
  /** Told what must be ended when the bench ends, however it does. */
  onOpen(close: () => Promise<void>): void;
}

interface Place {
  readonly folder: string;
  readonly rig: Rig;
  readonly archive: Uint8Array;
  readonly controller: Account;
  readonly nodes: Account;
  readonly halligan: readonly string[];
}

/** Measures both contenders side by side on fresh nodes, in alternating order, and compares what they left on the nodes. */
export async function measureOverhead(options: OverheadOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  const archive = makeArchive(options.folder);
  const controller = openAccount("controller");
  const nodesAccount = openAccount("nodes");
  options.onOpen(() => controller.close());
  options.onOpen(() => nodesAccount.close());
  for (const count of options.nodes) {
    const folder = join(options.folder, `nodes-${count}`);
    mkdirSync(folder);
    const rig = prepareRig(join(folder, "rig"), count, nodesAccount);
    options.onOpen(() => rig.stop());
    const place: Place = { folder, rig, archive, controller, nodes: nodesAccount, halligan: options.halligan };
    prepareSsh(place);
    for (let round = 1; round <= options.rounds; round++) {
      const order: readonly Contender[] = round % 2 === 1 ? ["ssh", "halligan"] : ["halligan", "ssh"];
      const results = new Map<Contender, string>();
      for (const contender of order) {
        console.error(`bench: ${count} nodes, round ${round} of ${options.rounds}, ${contender}`);
        for (const each of await measureOne(contender, round, options.noops, place)) samples.push(each);
        results.set(contender, await describe(place));
      }
      compare(results, folder);
    }
    await rig.stop();
  }
  return samples;
}

async function measureOne(contender: Contender, round: number, noops: number, place: Place): Promise<Sample[]> {
  await place.rig.fresh();
  const samples: Sample[] = [];
  const cluster = contender === "halligan" ? await freshCluster(place, round) : place.folder;
  const command = contender === "halligan" ? [...place.halligan, "apply", "--yes", "--json"] : sshCommand(place);
  const output = join(cluster, "output");
  for (let at = 0; at <= noops; at++) {
    const measured = await measure(command, { cwd: cluster, output, controller: place.controller, nodes: place.nodes });
    const text = readFileSync(output, "utf8");
    if (measured.exit !== 0) throw new Error(`${contender} ended with exit code ${measured.exit}:\n${text.slice(-2_000)}`);
    samples.push({ nodes: place.rig.nodes.length, round, contender, phase: at === 0 ? "first" : "noop", ...measured });
    // Each no-op is a cold one: no engine with open connections is left over from the apply before.
    await endEngine(text);
  }
  if (contender === "halligan") for (const each of await measureCompiled(cluster, round, noops, place)) samples.push(each);
  return samples;
}

/** No-ops by the compiled script over plain `ssh`, on nodes that an apply has just made so. */
async function measureCompiled(cluster: string, round: number, noops: number, place: Place): Promise<Sample[]> {
  const scripts = join(cluster, "compiled");
  mkdirSync(scripts);
  const byNode = await compiledScripts(cluster);
  for (const { name, address } of place.rig.nodes) writeFileSync(join(scripts, `${address}.sh`), byNode.get(name) ?? "");
  const command = sshCommand(place, scripts, runCompiled);
  const output = join(cluster, "compiled-output");
  const samples: Sample[] = [];
  for (let at = 0; at < noops; at++) {
    const measured = await measure(command, { cwd: cluster, output, controller: place.controller, nodes: place.nodes });
    const ended = readFileSync(output, "latin1").match(/^@ done ok 0$/gmu)?.length ?? 0;
    if (measured.exit !== 0 || ended !== place.rig.nodes.length)
      throw new Error(`only ${ended} of the compiled scripts ended (exit code ${measured.exit})`);
    samples.push({ nodes: place.rig.nodes.length, round, contender: "compiled", phase: "noop", ...measured });
  }
  return samples;
}

/** A cluster folder that has seen its nodes: facts are an inventory's matter, not an apply's. */
async function freshCluster(place: Place, round: number): Promise<string> {
  const cluster = join(place.folder, `cluster-${round}`);
  mkdirSync(cluster);
  writeCluster(cluster, place.rig, place.archive);
  const output = join(cluster, "output");
  const exit = await runIn(place.controller, [...place.halligan, "discover"], cluster, output);
  if (exit !== 0) throw new Error(`discover ended with exit code ${exit}:\n${readFileSync(output, "utf8").slice(-2_000)}`);
  return cluster;
}

/** Ends the engine that a run's events name, and waits until it is gone. */
async function endEngine(events: string): Promise<void> {
  const [, pid] = /"engine":"[^":]+:(\d+):/u.exec(events) ?? [];
  if (pid === undefined) return;
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0engine\0")) return;
    process.kill(Number(pid), "SIGTERM");
  } catch {
    return; // it is gone already
  }
  while (existsSync(`/proc/${pid}`)) await sleep(20);
}

/** Writes the scripts, the list of addresses and the client's configuration: the algorithms are the cheapest that both sides know. */
function prepareSsh({ folder, rig, archive }: Place): void {
  mkdirSync(join(folder, "scripts"));
  for (const node of rig.nodes) writeFileSync(join(folder, "scripts", `${node.address}.sh`), plainScript(node, archive));
  writeFileSync(join(folder, "describe.sh"), `${describeWork}\n`);
  writeFileSync(join(folder, "addresses"), rig.nodes.map(({ address }) => `${address}\n`).join(""));
  const lines = [
    ...["User root", `Port ${rig.nodes[0]?.port}`, `IdentityFile ${rig.key}`, "IdentitiesOnly yes"],
    ...[`UserKnownHostsFile ${rig.knownHosts}`, "GlobalKnownHostsFile /dev/null", "StrictHostKeyChecking yes", "BatchMode yes"],
    ...["LogLevel ERROR", "KexAlgorithms curve25519-sha256", "Ciphers aes128-gcm@openssh.com", "ControlPath none"],
  ];
  writeFileSync(join(folder, "ssh_config"), `Host *\n${lines.map((line) => `  ${line}\n`).join("")}`);
}

function sshCommand({ folder, rig }: Place, scripts = `${folder}/scripts`, remote = "sh -s"): readonly string[] {
  const one = `exec ssh -F ${folder}/ssh_config {} '${remote}' <${scripts}/{}.sh`;
  return ["xargs", "-a", join(folder, "addresses"), "-P", String(Math.min(64, rig.nodes.length)), "-I{}", "sh", "-c", one];
}

/** What the work left on each node, one after another. */
async function describe({ folder, rig, controller }: Place): Promise<string> {
  const output = join(folder, "described");
  const one = `ssh -F ${folder}/ssh_config {} "sh -s" <${folder}/describe.sh >${folder}/described-{} 2>&1`;
  await runIn(controller, ["xargs", "-a", join(folder, "addresses"), "-P", "8", "-I{}", "sh", "-c", one], folder, output);
  return rig.nodes.map(({ address }) => readFileSync(join(folder, `described-${address}`), "utf8")).join("\n");
}

function compare(results: ReadonlyMap<Contender, string>, folder: string): void {
  const [one = "", other = ""] = [results.get("halligan"), results.get("ssh")];
  if (one === other && /^up$/mu.test(one)) return;
  writeFileSync(join(folder, "left-by-halligan"), one);
  writeFileSync(join(folder, "left-by-ssh"), other);
  const theirs = new Set(other.split("\n"));
  const differing = one.split("\n").filter((line) => !theirs.has(line));
  throw new Error(`the contenders left different files on the nodes:\n${differing.slice(0, 10).join("\n")}`);
}

/** The table of medians with ratios. */
export function overheadTable(samples: readonly Sample[]): string {
  const rows: string[][] = [["", "halligan", "plain ssh", "ratio", "spread of ratio", "controller CPU", "nodes' CPU"]];
  for (const { nodes, phase, theirName, ...summary } of [...summarise(samples, "ssh"), ...summarise(samples, "compiled")]) {
    const { ours, theirs, ratio, least, most, controller, node } = summary;
    const spread = `${least.toFixed(2)} to ${most.toFixed(2)}`;
    const against = theirName === "compiled" ? ", same script" : "";
    const name = `${phase === "first" ? "first apply" : "no-op apply"}, ${nodes} nodes${against}`;
    rows.push([name, milliseconds(ours), milliseconds(theirs), ratio.toFixed(2), spread, controller, node]);
  }
  return table(rows);
}

/** Medians per number of nodes and phase, against one of the others. */
function summarise(samples: readonly Sample[], theirName: "ssh" | "compiled") {
  const groups = [...new Set(samples.filter((each) => each.contender === theirName).map(({ nodes, phase }) => `${nodes} ${phase}`))];
  return groups.map((group) => {
    const own = samples.filter(({ nodes, phase }) => `${nodes} ${phase}` === group);
    const of = (contender: Contender, key: "wallMs" | "controllerMs" | "nodesMs", round?: number): number =>
      median(
        own.filter((each) => each.contender === contender && (round === undefined || each.round === round)).map((each) => each[key] ?? NaN),
      );
    const rounds = [...new Set(own.map(({ round }) => round))].map(
      (round) => of("halligan", "wallMs", round) / of(theirName, "wallMs", round),
    );
    const [ours, theirs] = [of("halligan", "wallMs"), of(theirName, "wallMs")];
    const cpu = (key: "controllerMs" | "nodesMs"): string => `${Math.round(of("halligan", key))} / ${Math.round(of(theirName, key))} ms`;
    return {
      nodes: own[0]?.nodes ?? 0,
      phase: own[0]?.phase ?? "first",
      theirName,
      ...{ ours, theirs, ratio: ours / theirs, least: Math.min(...rounds), most: Math.max(...rounds) },
      ...{ controller: cpu("controllerMs"), node: cpu("nodesMs") },
    };
  });
}
