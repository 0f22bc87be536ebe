import { join, relative, resolve } from "node:path";
import { packageFolder } from "../../core/adapters/files/package.ts";
import { labDown } from "../../core/adapters/lab/lab.ts";
import type { ExitCode } from "../../core/problems/entry.ts";
import { durationWords } from "../../core/words/time.ts";
import { addDeployments, clearFolder, edit, forgetState } from "./lab-files.ts";
import { type Scenario, scenarios } from "./scenario.ts";
import { type Stage, TourStopped, createStage, mustRun } from "./stage.ts";
import { type Traffic, fetchText, trafficDuring } from "./traffic.ts";

/** How to take the tour. */
export interface TourOptions {
  readonly driver: "sandbox" | "nspawn";
  readonly nodes: number;
}

/** The tour: every command in it is one that a person could type, run as its own process. */
export async function takeTour(options: TourOptions): Promise<{ readonly exit: ExitCode }> {
  const folder = resolve("lab");
  const stage = createStage(folder, new AbortController().signal);
  try {
    await tour(stage, folder, options);
    if (atTerminal()) await openTui(stage);
    return { exit: 0 };
  } catch (error) {
    if (!(error instanceof TourStopped)) throw error;
    // 6: the person said no, or ended a run; that is no failure of the tour
    const ended = error.exit === 6;
    stage.say(
      [
        ended ? "The tour ends here, as you wished." : "The tour stopped here, because of what is said above.",
        "The lab is still up. To go on by hand, or to take it down:",
        `   cd ${relative(process.cwd(), folder)}`,
        `   ${programFrom(folder)} lab down`,
      ].join("\n"),
    );
    return { exit: ended ? 0 : (error.exit as ExitCode) };
  }
}

async function tour(stage: Stage, folder: string, options: TourOptions): Promise<void> {
  const began = performance.now();
  const scenario = scenarios[options.driver];
  const person = atTerminal();
  const yes = person ? [] : ["--yes"];
  clearFolder(folder);
  await labDown({ folder, discard: true });
  forgetState(folder);

  stage.part("1. Machines.", `A lab of ${options.nodes} nodes in ${relative(process.cwd(), folder)}/, reached over SSH like any others.`);
  await mustRun(stage, "lab", "up", "--nodes", String(options.nodes), "--driver", options.driver);
  addDeployments(folder, scenario);
  stage.part("2. Inventory.", "What are these machines?");
  await mustRun(stage, "discover");
  await mustRun(stage, "nodes");

  stage.part(
    "3. A plan.",
    `cluster.yaml asks for ${scenario.what}.\n   Each of these is a role; a role on a node is a node-role, and its steps are what is done there.\n   Nothing is changed yet: every node is only asked what it would take.`,
  );
  await mustRun(stage, "plan");
  stage.part(
    "4. Apply.",
    person ? "It plans again, shows the plan and asks you." : "There is no terminal to ask at, so the tour says yes.",
  );
  await mustRun(stage, "apply", ...yes);

  const url = await frontOf(stage, scenario);
  stage.part("5. Does it work?", `Asking ${url} a few times:`);
  for (let each = 0; each < 4; each += 1) stage.say(`   ${(await fetchText(url)) ?? "no answer"}`.slice(1));
  if ((await fetchText(url)) === undefined) throw new TourStopped(1);
  await mustRun(stage, "verify");

  stage.part("6. The same plan again:", "there is nothing left to do.");
  await mustRun(stage, "plan");

  const { first, updated, faulty } = scenario.line;
  stage.part("7. A rolling update,", `one machine at a time, with requests going on. In cluster.yaml:\n${edit(folder, first, updated)}`);
  sayTraffic(stage, await duringApply(stage, url, yes, 0));

  stage.part("8. A mistake:", `${scenario.fault}. In cluster.yaml:\n${edit(folder, updated, faulty)}`);
  sayTraffic(stage, await duringApply(stage, url, yes, 1));
  stage.say(
    `   The update stopped at the first failure and the others kept serving. Mended and tried again:\n${edit(folder, faulty, updated)}`,
  );
  sayTraffic(stage, await duringApply(stage, url, yes, 0));
  await mustRun(stage, "plan");

  sayNext(stage, folder, { url, role: scenario.web, tookMs: performance.now() - began });
}

function atTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Where the tour ends in a terminal: the same cluster on a screen that stays. */
async function openTui(stage: Stage): Promise<void> {
  const ready = await stage.ready(
    "Press enter to see this cluster in the terminal UI (q leaves it, ? explains its keys), or Ctrl+C to stop here: ",
  );
  if (!ready) return;
  await stage.run("tui");
  stage.say("   The lab is still up; what is said above still holds. `lab down` takes it away.");
}

/** Applies while requests are made; the command must end with `expected`. */
async function duringApply(stage: Stage, url: string, yes: readonly string[], expected: number): Promise<Traffic> {
  const applying = stage.run("apply", ...yes);
  const traffic = await trafficDuring(url, applying);
  const exit = await applying;
  if (exit !== expected) throw new TourStopped(exit === 0 ? 70 : exit);
  return traffic;
}

function sayTraffic(stage: Stage, { requests, failed, answers }: Traffic): void {
  stage.say(
    `   ${requests} requests meanwhile, ${failed} failed:\n${answers.map(([answer, count]) => `   ${String(count).padStart(6)}  ${answer}`).join("\n")}`,
  );
}

/** The address at which the service is reached, as the inventory and the settings tell it. */
async function frontOf(stage: Stage, { front }: Scenario): Promise<string> {
  const { nodes } = (await stage.ask("nodes", "tier=lb")) as {
    readonly nodes: readonly { readonly name: string; readonly address: string }[];
  };
  const [node] = nodes;
  if (node === undefined) throw new TourStopped(70);
  const { settings } = (await stage.ask("why", `${node.name}/${front.role}`)) as {
    readonly settings: readonly { readonly name: string; readonly value: unknown }[];
  };
  const port = settings.find((setting) => setting.name === front.port)?.value;
  return `http://${node.address}:${String(port)}/`;
}

/** The program as a person in the lab's folder types it. */
function programFrom(folder: string): string {
  return relative(folder, join(packageFolder(), "bin", "halligan"));
}

function sayNext(
  stage: Stage,
  folder: string,
  { url, role, tookMs }: { readonly url: string; readonly role: string; readonly tookMs: number },
): void {
  const halligan = programFrom(folder);
  const lines: readonly (readonly [string, string])[] = [
    [`cd ${relative(process.cwd(), folder)}`, "where cluster.yaml lies"],
    [`${halligan} status`, "what stands, what ran last"],
    [`${halligan} why n2/${role}`, "why a role is on a node, where each setting comes from"],
    [`$EDITOR cluster.yaml; ${halligan} plan`, "change something, see what it would do"],
    [`${halligan} runs`, "what ran"],
    [`${halligan} logs`, "what the steps of the last run printed"],
    [`${halligan} barclamp new mine`, "a module of your own that works at once"],
    [`curl ${url}`, "the service"],
    [`${halligan} lab down`, "when you are done"],
  ];
  const width = Math.max(...lines.map(([command]) => command.length));
  stage.part("9. Your turn.", `The tour took ${durationWords(tookMs)}; the lab stays up for you. To try next:`);
  stage.say(lines.map(([command, does]) => `   ${command.padEnd(width)}  ${does}`).join("\n"));
}
