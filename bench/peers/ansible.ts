import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runIn } from "../measure.ts";
import { makeArchiveFile } from "../work/cluster.ts";
import { type Contender, type ContenderName, endOf, type Phase, type Place } from "./contender.ts";
import { socketsIn } from "./ssh.ts";

const playbook = join(import.meta.dirname, "../work/ansible/site.yml");

/** Ansible as a person tunes it: pipelining, kept connections, as many forks as nodes, no gathering of facts. */
export const ansible = contender("ansible", "Ansible, tuned", 50, tuned);

/** Ansible as it comes: 5 forks, facts gathered, modules copied for each task. */
export const ansibleDefault = contender("ansible-default", "Ansible, default", 10, () => ({ HALLIGAN_BENCH_GATHER: "yes" }));

/** The Mitogen strategy, with Ansible tuned as above. */
export const mitogen = contender("mitogen", "Ansible, Mitogen", 50, (place) => ({
  ...tuned(place),
  ANSIBLE_STRATEGY: "mitogen_linear",
  ANSIBLE_STRATEGY_PLUGINS: mitogenStrategies(),
}));

function contender(
  name: ContenderName,
  title: string,
  mostNodes: number,
  settings: (place: Place) => Readonly<Record<string, string>>,
): Contender {
  return {
    name,
    title,
    mostNodes,
    phases: ["first", "noop"],
    async begin(place) {
      const { folder, rig, controller } = place;
      const sockets = join(folder, "cp");
      for (const made of [sockets, join(folder, "ansible-tmp")]) mkdirSync(made, { recursive: true });
      writeInventory(place);
      writeFileSync(join(folder, "ansible.cfg"), "[defaults]\n");
      const environment = Object.entries({ ...common(place), ANSIBLE_SSH_CONTROL_PATH_DIR: sockets, ...settings(place) });
      const gather = environment.some(([key]) => key === "HALLIGAN_BENCH_GATHER") ? "true" : "false";
      const command = ["ansible-playbook", "-i", join(folder, "inventory"), playbook, "-e", `gather=${gather}`];
      return {
        cwd: folder,
        command: ["env", ...environment.map(([key, value]) => `${key}=${value}`), ...command],
        accept: (output, exit, phase) => judge(name, output, exit, phase, rig.nodes.length),
        async close() {
          for (const socket of socketsIn(sockets))
            await runIn(controller, ["ssh", "-o", `ControlPath=${sockets}/${socket}`, "-O", "exit", "x"], folder, "/dev/null");
          rmSync(sockets, { recursive: true, force: true });
          mkdirSync(sockets);
        },
      };
    },
  };
}

/** No file of the person's own is read, no cow is drawn; host keys are checked as everybody else does. */
function common({ folder }: Place): Readonly<Record<string, string>> {
  const quiet = {
    ANSIBLE_CONFIG: join(folder, "ansible.cfg"),
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_NOCOWS: "1",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
    LC_ALL: "C.UTF-8",
  };
  return { ...quiet, ANSIBLE_HOST_KEY_CHECKING: "True", ANSIBLE_TIMEOUT: "120", ANSIBLE_LOCAL_TEMP: join(folder, "ansible-tmp") };
}

function tuned({ rig }: Place): Readonly<Record<string, string>> {
  return {
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_FORKS: String(rig.nodes.length),
    ANSIBLE_GATHERING: "explicit",
    ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=60s",
  };
}

/** Where Debian's package keeps the strategies. */
function mitogenStrategies(): string {
  const files = execFileSync("dpkg", ["-L", "ansible-mitogen"], { encoding: "utf8" }).split("\n");
  const found = files.find((file) => file.endsWith("/ansible_mitogen/plugins/strategy"));
  if (found === undefined) throw new Error("the package ansible-mitogen holds no strategies");
  return found;
}

function writeInventory({ folder, rig, archive }: Place): void {
  const archiveFile = makeArchiveFile(folder, archive);
  const nodes = rig.nodes.map(({ name, address }) => `${name} ansible_host=${address} node_name=${name} node_address=${address}`);
  const known = `-o IdentitiesOnly=yes -o UserKnownHostsFile=${rig.knownHosts} -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes`;
  const algorithms = "-o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com";
  const variables = [
    `ansible_port=${rig.nodes[0]?.port}`,
    "ansible_user=root",
    `ansible_ssh_private_key_file=${rig.key}`,
    "ansible_python_interpreter=/usr/bin/python3",
    `ansible_ssh_common_args=${known} ${algorithms}`,
    `templates=${join(dirname(dirname(playbook)), "hgbench/templates")}`,
    `archive=${archiveFile}`,
  ];
  writeFileSync(join(folder, "inventory"), [...nodes, "", "[all:vars]", ...variables, ""].join("\n"));
}

/** Every host must have ended without a failure, and changed something the first time only. */
function judge(name: string, output: string, exit: number, phase: Phase, nodes: number): void {
  const lines = output.match(/^\S+\s+: ok=\d+\s+changed=\d+\s+unreachable=0\s+failed=0 /gmu) ?? [];
  if (exit !== 0 || lines.length !== nodes)
    throw new Error(`${name} ended with exit code ${exit}; ${lines.length} of ${nodes} hosts are well:\n${endOf(output)}`);
  const changed = lines.filter((line) => !/changed=0 /u.test(line)).length;
  if (phase === "first" ? changed !== nodes : changed !== 0)
    throw new Error(`${name} changed something on ${changed} of ${nodes} hosts in phase ${phase}`);
}
