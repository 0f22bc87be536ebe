import { relative, resolve } from "node:path";
import { labDown } from "../../core/adapters/lab/lab.ts";
import type { ExitCode } from "../../core/problems/entry.ts";
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
    return { exit: 0 };
  } catch (error) {
    if (!(error instanceof TourStopped)) throw error;
    stage.say(
      `The tour stopped here. The lab is still up: \`cd ${relative(process.cwd(), folder)}\` and go on by hand, or \`halligan lab down\`.`,
    );
    return { exit: error.exit as ExitCode };
  }
}

async function tour(stage: Stage, folder: string, options: TourOptions): Promise<void> {
  const scenario = scenarios[options.driver];
  const person = process.stdin.isTTY && process.stdout.isTTY;
  const yes = person ? [] : ["--yes"];
  clearFolder(folder);
  await labDown({ folder, discard: true });
  forgetState(folder);

  stage.say(`1. Machines. A lab of ${options.nodes} nodes in ${relative(process.cwd(), folder)}/, reached over SSH like any others.`);
  await mustRun(stage, "lab", "up", "--nodes", String(options.nodes), "--driver", options.driver);
  addDeployments(folder, scenario);
  stage.say(`2. Inventory. What are these machines?`);
  await mustRun(stage, "discover");
  await mustRun(stage, "nodes");

  stage.say(`3. A plan. cluster.yaml asks for ${scenario.what}.\n   Nothing is changed yet: every node was asked what it would take.`);
  await mustRun(stage, "plan");
  stage.say(
    person ? "4. Apply. It plans again, shows the plan and asks you." : "4. Apply. There is no terminal to ask at, so the tour says yes.",
  );
  await mustRun(stage, "apply", ...yes);

  const url = await frontOf(stage, scenario);
  stage.say(`5. Does it work? Asking ${url} a few times:`);
  for (let each = 0; each < 4; each += 1) stage.say(`   ${(await fetchText(url)) ?? "no answer"}`.slice(1));
  if ((await fetchText(url)) === undefined) throw new TourStopped(1);
  await mustRun(stage, "verify");

  stage.say("6. The same plan again: there is nothing left to do.");
  await mustRun(stage, "plan");

  const { first, updated, faulty } = scenario.line;
  stage.say(`7. A rolling update, one machine at a time, with requests going on. In cluster.yaml:\n${edit(folder, first, updated)}`);
  sayTraffic(stage, await duringApply(stage, url, yes, 0));

  stage.say(`8. A mistake: ${scenario.fault}. In cluster.yaml:\n${edit(folder, updated, faulty)}`);
  sayTraffic(stage, await duringApply(stage, url, yes, 1));
  stage.say(
    `   The update stopped at the first failure and the others kept serving. Mended and tried again:\n${edit(folder, faulty, updated)}`,
  );
  sayTraffic(stage, await duringApply(stage, url, yes, 0));
  await mustRun(stage, "plan");

  sayNext(stage, folder, url);
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

function sayNext(stage: Stage, folder: string, url: string): void {
  const here = relative(process.cwd(), folder);
  const halligan = relative(folder, resolve("bin/halligan"));
  stage.say(
    [
      "9. The lab stays up for you. To try next:",
      `   cd ${here}`,
      `   ${halligan} status                    what stands, what ran last`,
      `   ${halligan} why n2/${url.endsWith(":80/") ? "app" : "hello-web"}        why a role is on a node and where each setting comes from`,
      `   $EDITOR cluster.yaml; ${halligan} plan     change something and see what it would do`,
      `   ${halligan} runs; ${halligan} logs          what ran, and what it printed`,
      `   ${halligan} barclamp new mine             a module of your own that works at once`,
      `   ${halligan} lab down                      when you are done`,
      `   The service: curl ${url}`,
    ].join("\n"),
  );
}
