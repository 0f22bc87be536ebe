import type { RunsDocument } from "../../core/commands/runs.ts";
import type { StatusDocument, StatusNodeRole, StatusRun } from "../../core/commands/status-document.ts";
import type { WhyRunDocument } from "../../core/commands/why.ts";
import { hasEnded } from "../../core/run/state.ts";
import { siteWords } from "../../core/run/workers/places.ts";
import { count, listed } from "../../core/words/count.ts";
import { withoutId } from "../../core/words/events.ts";
import { nextAction } from "../../core/words/problem.ts";
import { phaseWords, stateWords } from "../../core/words/states.ts";
import { agoWords, durationWords } from "../../core/words/time.ts";
import { countsWords } from "../../core/words/counts.ts";
import { type Screen, table } from "../screen.ts";
import { policyLines } from "./authority/policy.ts";

const mostRows = 40;

/** How a cluster stands. */
export function statusView(document: StatusDocument, screen: Screen): readonly string[] {
  const { cluster, file, engine, activeRun, lastRun, lastPlan, at, problems } = document;
  return [
    `${screen.bold("Cluster")}   ${cluster ?? "unknown"}  ${screen.dim(file)}`,
    ...storeLines(document.store, screen),
    `${screen.bold("Engine")}    ${engine === null ? "none at present; a run starts one" : `on ${engine.host}, process ${engine.pid}${heardWords(engine.heardAt, at)}`}`,
    ...workerLines(document, screen),
    ...(activeRun === null || isAhead(document)
      ? []
      : [`${screen.bold("Running")}   ${openWords(activeRun, at)}`, ...heldLines(activeRun, at, screen)]),
    `${screen.bold("Last run")}  ${lastRun === null ? "none" : endedWords(lastRun, at, screen)}`,
    `${screen.bold("Last plan")} ${lastPlan ?? "none"}`,
    ...standingLines(document, screen),
    "",
    ...nodeRoleLines(document, screen),
    ...nodeLines(document, screen),
    ...restartLines(document, screen),
    ...driftLines(document, screen),
    ...standingPolicy(document, screen),
    ...(problems.length === 0
      ? []
      : ["", screen.red(`The files have ${count(problems.length, "problem")}: \`halligan validate\` shows them.`)]),
    "",
    `Next: ${nextStep(document, screen)}`,
  ];
}

/** Of a store beside the cluster file there is nothing to say. */
function storeLines(store: StatusDocument["store"], screen: Screen): readonly string[] {
  if (store.kind === "embedded") return [];
  const risks = store.risks.map((risk) => `          ${screen.yellow("may lose")} ${risk.setting}: ${risk.loses} Better: ${risk.better}.`);
  return [`${screen.bold("Store")}     ${store.where}, Redis ${store.version}`, ...risks];
}

/** One line per worker; where there is none nothing is said. */
function workerLines({ workers, at }: StatusDocument, screen: Screen): readonly string[] {
  return workers.map((worker, index) => {
    const { name, site, host, concurrency, running, version, draining, problem, alive, seenAt } = worker;
    const load = `${running} of ${count(concurrency, "job")}`;
    const how = !alive
      ? screen.red(`gone, heard of ${agoWords(at - seenAt)}`)
      : problem !== null
        ? screen.yellow(`takes no jobs: ${problem.code} ${problem.message}`)
        : draining
          ? screen.yellow(`${load}, takes nothing new`)
          : load;
    return `${index === 0 ? screen.bold("Workers") : "       "}   ${name} (${siteWords(site ?? undefined)}) on ${host}, version ${version}: ${how}`;
  });
}

/** True when the run that is next has a time of its own, which has not come: it is among those that wait. */
function isAhead({ activeRun, standing, at }: StatusDocument): boolean {
  return standing.waiting.some(({ run, notBefore }) => run === activeRun?.run && notBefore !== null && notBefore > at);
}

/** Where one run stands, and what holds it back. */
export function whyRunView(document: WhyRunDocument, screen: Screen): readonly string[] {
  const { at, phase } = document;
  if (hasEnded(phase)) return [endedWords(document, at, screen), ...failureLines(document, screen)];
  return [openWords(document, at), ...heldLines(document, at, screen)];
}

/** What failed in a run, with what to do about it. */
function failureLines({ run, failures }: WhyRunDocument, screen: Screen): readonly string[] {
  return failures.flatMap(({ id, problem, notes }) => [
    `  ${screen.red(id)} ${problem.code}: ${withoutId(problem.message, id)}`,
    ...(problem.cause === undefined ? [] : problem.cause.split("\n").map((line) => screen.dim(`    | ${line}`))),
    `    ${screen.dim(nextAction(run, problem))}`,
    ...notes.slice(0, 1).map(({ by, text }) => `    note by ${by}: ${text}`),
  ]);
}

/** Runs, newest first. */
export function runsView({ runs, more, at }: RunsDocument, screen: Screen): readonly string[] {
  if (runs.length === 0) return ["Nothing has run in this cluster yet. `halligan apply` makes a plan and runs it."];
  const rows = table(
    screen,
    [
      { title: "RUN", cell: (run) => run.run },
      { title: "PLAN", cell: (run) => run.plan },
      { title: "STATE", cell: (run) => (run.phase === "requested" ? "going on" : run.phase), paint: (run) => paintOf(run.phase, screen) },
      { title: "STARTED", cell: (run) => agoWords(at - run.at) },
      { title: "TOOK", cell: (run) => ("durationMs" in run ? durationWords(run.durationMs) : ""), align: "right" },
      { title: "NODE-ROLES", cell: (run) => ("nodeRoles" in run ? countsWords(run.nodeRoles) : "") },
      { title: "BY", cell: (run) => `${run.by}${run.breakglass === true ? " (BREAK-GLASS)" : ""}`, flexible: true },
    ],
    runs,
  );
  return [...rows, ...(more > 0 ? ["", `${count(more, "older run")}; \`--limit N\` lists more.`] : [])];
}

function paintOf(phase: string, screen: Screen): (text: string) => string {
  return phase === "succeeded" ? screen.green : phase === "failed" ? screen.red : phase === "cancelled" ? screen.yellow : screen.cyan;
}

/** Why a run does not go on. */
function heldLines({ held }: StatusRun, at: number, screen: Screen): readonly string[] {
  if (held === null) return [];
  const until = held.until === undefined || held.until <= at ? "" : `, for ${durationWords(held.until - at)} more`;
  const lines = held.problems.flatMap(({ code, message, hint }) => [`  ${screen.yellow(code)} ${message}`, `  ${screen.dim(hint)}`]);
  return [`  held for ${durationWords(at - held.since)}${until}; what runs goes on:`, ...lines];
}

function openWords(run: StatusRun, at: number): string {
  const { steps, nodeRoles } = run.progress;
  const lost = nodeRoles.lost > 0 ? `, ${nodeRoles.lost} failed or not started` : "";
  const since = durationWords(at - (run.startedAt ?? run.requestedAt));
  // How long it is held is told with the reasons.
  const timed =
    run.held === null
      ? `${phaseWords(run)} for ${since}`
      : `${phaseWords(run)}, ${run.startedAt === null ? "asked for" : "begun"} ${since} ago`;
  return `${run.run} of plan ${run.plan} by ${ownerWords(run)}: ${timed}, ${steps.done} of ${count(steps.total, "step")}, ${nodeRoles.done} of ${count(nodeRoles.total, "node-role")}${lost}`;
}

/** Locks, freezes, runs that wait, and break-glass that nobody has looked at. */
function standingLines({ standing, at }: StatusDocument, screen: Screen): readonly string[] {
  const { approvals, locks, freezes, waiting, reviews } = standing;
  // Reasons are a person's own words: a line break in one would look like another line of ours.
  const line = (title: string, text: string): string => `${screen.bold(title.padEnd(9))} ${text.replaceAll(/[\r\n]+/gu, " ")}`;
  return [
    ...reviews.map(({ run, by, reason, at: when }) =>
      line("Review", screen.red(`${run} was run past its gates by ${by} ${agoWords(at - when)} (break-glass): ${reason}`)),
    ),
    ...approvals.map(({ request, plan, author, missing }) =>
      line("Approval", screen.yellow(`${request} of ${plan} by ${author}: ${missing === "" ? "granted, not used yet" : missing}`)),
    ),
    ...locks.map(({ deployment, holder, reason, until }) =>
      line(
        "Locked",
        screen.yellow(`${deployment ?? "the cluster"} by ${holder}${until === null ? "" : ` for ${durationWords(until - at)}`}: ${reason}`),
      ),
    ),
    ...freezes.map(({ freeze, deployments, reason, until }) =>
      line(
        "Frozen",
        screen.yellow(
          `${deployments.length === 0 ? "the cluster" : listed(deployments)} for ${durationWords(until - at)} (${freeze}): ${reason}`,
        ),
      ),
    ),
    ...(waiting.length === 0
      ? []
      : [line("Waiting", `${listed(waiting.map((each) => each.run))}; ${screen.bold("halligan queue")} tells why`)]),
  ];
}

/** What does not hold in what stands. */
function restartLines({ nodeRoles }: StatusDocument, screen: Screen): readonly string[] {
  const waiting = nodeRoles.filter((each) => each.restarts !== undefined);
  if (waiting.length === 0) return [];
  const words = waiting.map(({ id, restarts = [] }) => `${id} (${restarts.join(", ")})`);
  return [
    "",
    `${screen.bold("Restarts")}  ${screen.yellow(listed(words, 5))} ${waiting.length === 1 ? "waits" : "wait"}: ${screen.bold("halligan restart")}`,
  ];
}

function driftLines({ drift, at }: StatusDocument, screen: Screen): readonly string[] {
  if (drift === undefined || (drift.drifted.length === 0 && drift.unchecked.length === 0)) return [];
  const found = drift.drifted.length === 0 ? "nothing drifted" : screen.yellow(`${listed(drift.drifted, 5)} drifted`);
  const open = drift.unchecked.length === 0 ? "" : `, ${listed(drift.unchecked, 5)} could not be looked at`;
  const rest = drift.notLooked.length === 0 ? "" : `, nobody has looked at ${listed(drift.notLooked, 5)}`;
  return ["", `${screen.bold("Drift")}     ${found}${open}${rest}  ${screen.dim(`looked ${agoWords(at - drift.at)}; \`halligan drift\``)}`];
}

function standingPolicy({ policy }: StatusDocument, screen: Screen): readonly string[] {
  const lines = policyLines(policy ?? undefined, screen, "standing");
  return lines.length === 0 ? [] : ["", ...lines.slice(0, -1)];
}

function ownerWords({ by, owner, breakglass }: StatusRun): string {
  return `${owner === undefined ? by : `${owner} (asked for by ${by})`}${breakglass === undefined ? "" : " with BREAK-GLASS"}`;
}

function endedWords(run: StatusRun, at: number, screen: Screen): string {
  const took = run.endedAt === null || run.startedAt === null ? "" : ` in ${durationWords(run.endedAt - run.startedAt)}`;
  return `${run.run} of plan ${run.plan} by ${ownerWords(run)}: ${paintOf(run.phase, screen)(run.phase)}${took}, ${agoWords(at - (run.endedAt ?? run.requestedAt))}`;
}

function nodeRoleLines({ nodeRoles, at }: StatusDocument, screen: Screen): readonly string[] {
  if (nodeRoles.length === 0) return ["Nothing has been applied yet."];
  const odd = nodeRoles.filter((each) => each.state !== "active");
  const active = nodeRoles.length - odd.length;
  const lines = [`${count(active, "node-role")} active${odd.length === 0 ? "" : `, ${odd.length} not`}`];
  const shown = (odd.length > 0 ? odd : nodeRoles).slice(0, mostRows);
  const rest = (odd.length > 0 ? odd.length : nodeRoles.length) - shown.length;
  const rows = table<StatusNodeRole>(
    screen,
    [
      { title: "NODE/ROLE", cell: (each) => each.id },
      {
        title: "STATE",
        cell: (each) => stateWords(each.state),
        paint: (each) =>
          each.state === "active" ? screen.green : each.state === "error" || each.state === "unknown" ? screen.red : screen.yellow,
      },
      { title: "RUN", cell: (each) => each.run },
      { title: "SINCE", cell: (each) => agoWords(at - each.at) },
      {
        title: "WHY",
        cell: (each) => (each.problem === undefined ? "" : `${each.problem.code}: ${withoutId(each.problem.message, each.id)}`),
        flexible: true,
      },
    ],
    shown,
  );
  return [...lines, ...rows, ...(rest > 0 ? [`${rest} more; --json lists all`] : [])];
}

function nodeLines({ nodes, at }: StatusDocument, screen: Screen): readonly string[] {
  const seen = nodes.flatMap((each) => (each.seenAt === null ? [] : [each.seenAt]));
  const never = nodes.filter((each) => each.seenAt === null).map((each) => each.node);
  if (nodes.length === 0) return [];
  const oldest =
    seen.length === 0
      ? ""
      : seen.length > 1
        ? `, facts at most ${durationWords(at - Math.min(...seen))} old`
        : `, facts of ${agoWords(at - Math.min(...seen))}`;
  return ["", `${count(nodes.length, "node")}${oldest}${never.length === 0 ? "" : `; never seen: ${screen.yellow(listed(never, 8))}`}`];
}

function nextStep({ activeRun, nodeRoles, problems }: StatusDocument, screen: Screen): string {
  if (activeRun !== null) return `${screen.bold("halligan watch")} follows ${activeRun.run}`;
  if (problems.length > 0) return screen.bold("halligan validate");
  if (nodeRoles.length === 0) return `${screen.bold("halligan plan")} shows what would be done`;
  return nodeRoles.some((each) => each.state !== "active")
    ? `${screen.bold("halligan plan")} shows what is left to do`
    : `${screen.bold("halligan verify")} asks the services whether they work`;
}

/** A lease that was not renewed for a few seconds is no matter; more means that the engine, or the way to the store, is slow. */
const silenceMs = 5_000;

function heardWords(heardAt: number | undefined, at: number): string {
  if (heardAt === undefined || at - heardAt < silenceMs) return "";
  return `, last heard of ${Math.round((at - heardAt) / 1000)} s ago`;
}
