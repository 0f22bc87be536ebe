import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runIn } from "../measure.ts";
import { compiledScripts, runCompiled } from "../work/compiled.ts";
import { describeWork, plainScript } from "../work/plain.ts";
import { type Contender, endOf, type Place, tailOf } from "./contender.ts";
import { freshCluster } from "./halligan.ts";

/** The limit: one script, written for speed by hand, over one plain `ssh` per node, with the cheapest algorithms that both sides know. */
export const ssh: Contender = {
  name: "ssh",
  title: "plain script over parallel ssh",
  mostNodes: 1_000,
  phases: ["first", "noop", "open"],
  async begin(place) {
    prepareSsh(place);
    const { folder, rig, controller } = place;
    return {
      cwd: folder,
      command: sshCommand(place, "sh -s", join(folder, "scripts")),
      accept(output, exit, phase) {
        const ended = output.match(/^end$/gmu)?.length ?? 0;
        if (exit !== 0 || ended !== rig.nodes.length) throw new Error(`ssh ended with exit code ${exit}:\n${endOf(output)}`);
        const changed = /^changed /mu.test(output);
        if (changed !== (phase === "first"))
          throw new Error(`the ${phase} apply over ssh ${changed ? "changed something" : "changed nothing"}`);
      },
      close: () => closeMasters(place),
      async open() {
        const output = join(folder, "opened");
        const exit = await runIn(controller, sshCommand(place, "true", undefined, openOptions(folder)), folder, output);
        if (exit !== 0) throw new Error(`the masters were not opened:\n${tailOf(output)}`);
        return sshCommand(place, "sh -s", join(folder, "scripts"), openOptions(folder));
      },
    };
  },
};

/** Halligan's own check script over plain `ssh`: what remains beside it is the engine's share. */
export const sameScript: Contender = {
  name: "same-script",
  title: "Halligan's script over parallel ssh",
  mostNodes: 1_000,
  phases: ["noop"],
  async begin(place, round) {
    prepareSsh(place);
    const cwd = await freshCluster(place, `${round}-same`);
    const output = join(cwd, "applied");
    const exit = await runIn(place.controller, sshCommand(place, "sh -s", join(place.folder, "scripts")), cwd, output);
    if (exit !== 0) throw new Error(`the work was not done:\n${tailOf(output)}`);
    const scripts = join(cwd, "compiled");
    mkdirSync(scripts);
    const byNode = await compiledScripts(cwd);
    for (const { name, address } of place.rig.nodes) writeFileSync(join(scripts, `${address}.sh`), byNode.get(name) ?? "");
    return {
      cwd,
      command: sshCommand(place, runCompiled, scripts),
      accept(text, code) {
        const ended = text.match(/^@ done ok 0$/gmu)?.length ?? 0;
        if (code !== 0 || ended !== place.rig.nodes.length)
          throw new Error(`only ${ended} of the compiled scripts ended (exit code ${code})`);
      },
      close: async () => undefined,
    };
  },
};

/** Writes the scripts, the list of addresses and the client's configuration. */
function prepareSsh({ folder, rig, archive }: Place): void {
  mkdirSync(join(folder, "scripts"), { recursive: true });
  for (const node of rig.nodes) writeFileSync(join(folder, "scripts", `${node.address}.sh`), plainScript(node, archive));
  writeAddresses({ folder, rig });
}

/** Writes what every use of `ssh` on this rig needs: its configuration and the list of addresses. */
function writeAddresses({ folder, rig }: Pick<Place, "folder" | "rig">): void {
  writeFileSync(join(folder, "describe.sh"), `${describeWork}\n`);
  writeFileSync(join(folder, "addresses"), rig.nodes.map(({ address }) => `${address}\n`).join(""));
  const lines = [
    ...["User root", `Port ${rig.nodes[0]?.port}`, `IdentityFile ${rig.key}`, "IdentitiesOnly yes"],
    ...[`UserKnownHostsFile ${rig.knownHosts}`, "GlobalKnownHostsFile /dev/null", "StrictHostKeyChecking yes", "BatchMode yes"],
    ...["LogLevel ERROR", "KexAlgorithms curve25519-sha256", "Ciphers aes128-gcm@openssh.com"],
  ];
  writeFileSync(join(folder, "ssh_config"), `Host *\n${lines.map((line) => `  ${line}\n`).join("")}`);
}

/** One `ssh` per node, at most 64 at once; each reads its script, or nothing. */
function sshCommand({ folder, rig }: Place, remote: string, scripts?: string, options = "-o ControlPath=none"): readonly string[] {
  const input = scripts === undefined ? "/dev/null" : `${scripts}/{}.sh`;
  const one = `exec ssh -F ${folder}/ssh_config ${options} {} '${remote}' <${input}`;
  return ["xargs", "-a", join(folder, "addresses"), "-P", String(Math.min(64, rig.nodes.length)), "-I{}", "sh", "-c", one];
}

function openOptions(folder: string): string {
  mkdirSync(join(folder, "m"), { recursive: true });
  return `-o ControlMaster=auto -o ControlPersist=120 -o ControlPath=${folder}/m/%h`;
}

/** Ends every master that the contender left. */
async function closeMasters({ folder, controller }: Place): Promise<void> {
  for (const socket of socketsIn(join(folder, "m"))) {
    await runIn(
      controller,
      ["ssh", "-F", `${folder}/ssh_config`, "-o", `ControlPath=${folder}/m/${socket}`, "-O", "exit", socket],
      folder,
      "/dev/null",
    );
  }
}

/** Sockets of masters in a folder; none where there is no such folder. */
export function socketsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What the work left on each node, one after another. */
export async function describe({ folder, rig, controller }: Place): Promise<string> {
  writeAddresses({ folder, rig });
  const one = `ssh -F ${folder}/ssh_config {} "sh -s" <${folder}/describe.sh >${folder}/described-{} 2>&1`;
  const command = ["xargs", "-a", join(folder, "addresses"), "-P", "8", "-I{}", "sh", "-c", one];
  await runIn(controller, command, folder, join(folder, "described"));
  return rig.nodes.map(({ address }) => readFileSync(join(folder, `described-${address}`), "utf8")).join("\n");
}
