/**
 * `npm run test:openstack`: a cloud from blank machines, as examples/openstack describes it, and what becomes of it: one controller and one compute
 * node, guests, a second compute node, one setting changed everywhere, everything taken away and made again. Each part says how long it took, the
 * chain of node-roles that decided it, and the CPU seconds of each machine. Needs root on Debian or Ubuntu, a package mirror and some 8 GiB of memory.
 *
 *   npm run test:openstack -- [--layer FOLDER] [--report FILE] [--rounds N | --once] [--keep] [--on FOLDER]
 *
 * --rounds: only from blank machines, one controller and two compute nodes at once, to guests that reach one another, N times, each time on new machines;
 * then a table of the rounds.
 * --layer: machines on a layer with the packages (examples/openstack/make-layer.sh). --report: the proofs' last report (.md, .json or .xml).
 * --once: ends after the first deployment and its guests. --keep: leaves the machines there. --on: on machines that --keep left in this folder.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CloudLab } from "./lib/cloud-lab.mjs";
import { root } from "./lib/run.mjs";
import { explain, Stop, say, since } from "./lib/say.mjs";

const minute = 60_000;
const labels = { n1: "control", n2: "compute" };
const { values: options } = readOptions();

try {
  if (options.rounds === undefined) await withLab(test);
  else await inRounds(Number(options.rounds));
  say("the cloud did all of it.");
} catch (error) {
  process.exitCode = explain(error);
}

function withLab(work) {
  return CloudLab.with(3, { ...options, script: "test:openstack" }, work);
}

/** The same cloud again and again, each time from nothing, and how even the rounds are. */
async function inRounds(count) {
  const table = [];
  for (let round = 1; round <= count; round += 1) {
    await withLab(async (lab) => {
      labels.n3 = "compute";
      await lab.useExample("openstack", labels);
      const deployed = await part(lab, `round ${round}: deployed`, async () => {
        await lab.halligan(["discover"]);
        await apply(lab);
      });
      const booted = await part(lab, `round ${round}: guests on both compute nodes`, () => guests(lab));
      await part(lab, `round ${round}: a second plan is empty`, () => nothingToDo(lab));
      table.push(`| ${round} | ${deployed.wall} | ${deployed.cpu} | ${booted.wall} | ${booted.cpu} |`);
    });
  }
  const head = ["round", "deployed", "CPU s", "guests", "CPU s"];
  process.stdout.write(`| ${head.join(" | ")} |\n${"|---".repeat(head.length)}|\n${table.join("\n")}\n`);
}

/** Does one part, says how long it took and the CPU seconds of each machine, and gives both: `cpu` is the sum. */
async function part(lab, what, work) {
  const [started, before] = [Date.now(), lab.cpuSeconds()];
  await work();
  const after = lab.cpuSeconds();
  const wall = since(started);
  const used = Object.entries(after).map(([name, seconds]) => [name, Math.round(seconds - before[name])]);
  say(`${what}: ${wall}; CPU seconds: ${used.map((each) => each.join(" ")).join(", ")}`);
  return { wall, cpu: used.reduce((sum, [, seconds]) => sum + seconds, 0) };
}

async function test(lab) {
  await lab.useExample("openstack", labels);
  await part(lab, "looked at the machines", () => lab.halligan(["discover"]));
  await part(lab, "deployed", () => apply(lab));
  await part(lab, "proven", () => prove(lab));
  await part(lab, "a second plan is empty", () => nothingToDo(lab));
  await part(lab, "guests on one compute node", () => guests(lab));
  if (options.once) return;
  await part(lab, "a second compute node", () => secondNode(lab));
  await part(lab, "guests on both compute nodes", () => guests(lab));
  await part(lab, "one setting everywhere", () => oneSetting(lab));
  await part(lab, "taken away", () => takeAway(lab));
  await part(lab, "deployed again", () => apply(lab));
  await part(lab, "proven again", () => prove(lab));
  await part(lab, "guests again", () => guests(lab));
}

/** Applies, and prints where the time went. */
async function apply(lab) {
  await lab.halligan(["apply", "--yes"], { limitMs: 60 * minute });
  const { stdout } = await lab.halligan(["runs", "show"]);
  process.stdout.write(`${stdout}\n`);
}

async function prove(lab) {
  const report = options.report === undefined ? [] : ["--report", resolve(options.report)];
  const told = await lab.halligan(["verify", "--prove", ...report], { limitMs: 15 * minute, codes: [0, 1, 5] });
  process.stdout.write(`${told.stdout}\n`);
  if (told.code !== 0) throw new Stop(`not everything was proven:\n${told.stderr}`, 1);
}

async function nothingToDo(lab) {
  const changed = changes(await lab.document(["plan"], { limitMs: 5 * minute }));
  if (changed.length > 0) throw new Stop(`a second plan changes ${changed.join(", ")}`, 1);
}

/** What a user does with it: a client's own list of services, then guests that reach one another. */
async function guests(lab) {
  const asUser = `openstack --os-cloud ${lab.cloud}`;
  await lab.on("n1", `${asUser} service list && ${asUser} compute service list`);
  const folder = "test/machines/openstack";
  await lab.put("n1", resolve(root, folder, "guest-image.sh"), "/root/guest-image.sh");
  await lab.put("n1", resolve(root, folder, "cloud.py"), "/root/cloud.py");
  await lab.on("n1", "test -s /root/guest/disk || sh /root/guest-image.sh /root/guest", { limitMs: 5 * minute });
  const program = `python3 /root/cloud.py ${lab.cloud}`;
  const remove = () => lab.on("n1", `${program} remove`, { limitMs: 10 * minute });
  try {
    await lab.on("n1", `${program} make /root/guest`, { limitMs: 15 * minute });
    process.stdout.write(await lab.on("n1", `${program} wait`, { limitMs: 15 * minute }));
  } catch (error) {
    await remove().catch((second) => say(second.message)); // what went wrong first is what counts
    throw error;
  }
  await remove();
}

/** Only what must be is changed: the new node, and on the others what names all nodes. */
async function secondNode(lab) {
  labels.n3 = "compute";
  lab.write(labels);
  const changed = changes(await lab.document(["plan"], { limitMs: 5 * minute }));
  say(`a second compute node changes ${changed.join(", ")}`);
  const elsewhere = changed.filter((id) => !id.startsWith("n3/") && !id.endsWith("/base"));
  if (elsewhere.length > 0) throw new Stop(`it changes what has nothing to do with it: ${elsewhere.join(", ")}`, 1);
  await apply(lab);
  await nothingToDo(lab);
}

async function oneSetting(lab) {
  lab.write(labels, (text) =>
    text.replace(/^ {2}compute:\n/mu, "  compute:\n    set: { nova: { cpuRatio: 6 } }\n    rollout: { batch: 1 }\n"),
  );
  const changed = changes(await lab.document(["plan"], { limitMs: 5 * minute }));
  say(`one setting changes ${changed.join(", ")}`);
  if (changed.join(" ") !== "n2/nova-compute n3/nova-compute")
    throw new Stop("that is more, or less, than the compute service of each node", 1);
  await apply(lab);
  await nothingToDo(lab);
}

/** Databases and images go too, so that the next deployment begins from nothing. */
async function takeAway(lab) {
  const removing = ["mariadb", "rabbitmq", "rabbitmq-vhost", "keystone", "glance", "placement", "nova", "neutron"].map(
    (name) => `  ${name}: { data: remove }\n`,
  );
  lab.write(labels, (text) => `set:\n${removing.join("")}${text}`);
  await lab.halligan(["apply", "--yes"], { limitMs: 30 * minute });
  await lab.halligan(["reset", "--yes"], { limitMs: 30 * minute });
  lab.write(labels);
}

/** Ids of node-roles that a plan changes. */
function changes({ nodeRoles }) {
  return nodeRoles.filter((each) => each.action !== "skip").map((each) => each.id);
}

function readOptions() {
  const [flag, text] = [{ type: "boolean", default: false }, { type: "string" }];
  try {
    return parseArgs({
      options: { layer: text, report: text, rounds: text, on: text, once: flag, keep: flag },
    });
  } catch (error) {
    say(`${error.message}. What it takes: --layer FOLDER, --report FILE, --rounds N, --once, --keep, --on FOLDER`);
    process.exit(2);
  }
}
