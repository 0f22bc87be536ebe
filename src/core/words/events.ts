import { type JournalEvent, isRunEvent } from "../journal/events.ts";
import { authorityWords } from "./authority-events.ts";
import { count, listed } from "./count.ts";
import { stateWords } from "./states.ts";
import { durationWords, utcWords } from "./time.ts";

/** One plain sentence for an event of the journal, without its time: for people who read along, in any front end. */
export function eventWords(event: JournalEvent): string {
  if (!isRunEvent(event)) return authorityWords(event);
  switch (event.type) {
    case "node.seen":
      return event.changed.length === 0 ? `${event.node} seen, as before` : `${event.node} seen: ${listed(event.changed)} changed`;
    case "plan.made":
      return `${event.plan} made by ${event.by}: ${count(event.changes, "change")} in ${listed(event.deployments)}`;
    case "intent.run":
      return `${event.run} asked for by ${event.by}: plan ${event.plan}${event.breakglass === undefined ? "" : `, BREAK-GLASS: ${event.breakglass.reason}`}${event.notBefore === undefined ? "" : `, not before ${utcWords(event.notBefore)}`}`;
    case "intent.cancel":
      return `${event.by} cancels ${event.run}: ${cancelWords(event.how)}`;
    case "intent.pause":
      return `${event.by} pauses ${event.run}: what runs goes on, nothing new is started`;
    case "intent.resume":
      return `${event.by} resumes ${event.run}`;
    case "run.handed":
      return `${event.from} hands ${event.run} over to ${event.to}${event.note === undefined ? "" : `: ${event.note}`}`;
    case "run.started":
      return `${event.run} started: plan ${event.plan}, ${count(event.nodeRoles, "node-role")}, ${count(event.steps, "step")}, engine on ${engineWords(event.engine)}`;
    case "run.resumed":
      return `${event.run} goes on: the engine on ${engineWords(event.engine)} took it over`;
    case "run.held":
      return `${event.run} is held: ${event.problems.map((each) => each.message).join(" ")}`;
    case "run.released":
      return `${event.run} goes on`;
    case "noderole.moved":
      return movedWords(event);
    case "node.contact":
      return `${event.node} contact ${event.contact}${event.reason === "" ? "" : `: ${event.reason}`}`;
    case "step.started":
      return `${event.id} ${sectionWords(event.section)}${event.step} started`;
    case "step.finished":
      return stepWords(event);
    case "job.ended":
      return `${event.id} ${outcomeWords(event.outcome.end)} on worker ${event.worker}`;
    case "output.known":
      return `${event.id} output ${event.name} = ${event.value}`;
    case "run.ended":
      return endWords(event);
    default:
      return event satisfies never;
  }
}

/** A message without the node-role that it begins with, for where that has been said. */
export function withoutId(message: string, id: string): string {
  return message.startsWith(`${id}: `) ? message.slice(id.length + 2) : message;
}

/** The machine and process of an engine, from the name it gives itself (`host:pid`, perhaps with more behind it). */
export function engineWords(engine: string): string {
  const [host = "", pid = ""] = engine.split(":");
  return pid === "" ? host : `${host}, process ${pid}`;
}

/** What a strength of cancelling does. */
export function cancelWords(how: "after-step" | "now" | "abandon"): string {
  switch (how) {
    case "after-step":
      return "the steps that run now come to their end, nothing more is started";
    case "now":
      return "what runs is told to end, and killed after 10 s";
    case "abandon":
      return "nothing is told to the nodes; what runs there goes on unwatched and counts as unknown";
    default:
      return how satisfies never;
  }
}

function outcomeWords(end: "done" | "failed" | "unknown"): string {
  switch (end) {
    case "done":
      return "carried out";
    case "failed":
      return "failed";
    case "unknown":
      return "ended, nobody knows how,";
    default:
      return end satisfies never;
  }
}

function movedWords(event: Extract<JournalEvent, { type: "noderole.moved" }>): string {
  const again = event.attempt > 1 ? `, attempt ${event.attempt}` : "";
  const why = event.problem === undefined ? "" : `: ${event.problem.code}: ${withoutId(event.problem.message, event.id)}`;
  const changed =
    event.state === "active" && event.changed !== undefined
      ? `, ${event.changed === 0 ? "nothing changed" : `${count(event.changed, "step")} changed`}`
      : "";
  const reason = event.reason === undefined ? "" : ` (${event.reason})`;
  return `${event.id} ${stateWords(event.state)}${again}${changed}${reason}${why}`;
}

function stepWords(event: Extract<JournalEvent, { type: "step.finished" }>): string {
  const object = event.step.slice(event.step.indexOf(":") + 1);
  // `verify failed: URL answers ...` rather than `verify http:URL failed: URL answers ...`
  const named = event.section !== "steps" && event.message !== undefined && event.message.startsWith(object);
  const step = `${event.id} ${named ? event.section : `${sectionWords(event.section)}${event.step}`}`;
  const took = durationWords(event.durationMs);
  switch (event.status) {
    case "ok":
      return `${step} ok in ${took}`;
    case "changed":
      return `${step} changed in ${took}`;
    case "skipped":
      return `${step} skipped`;
    case "cancelled":
      return `${step} cancelled after ${took}`;
    case "timeout":
      return `${step} did not end in time (${took})${said(event.message)}`;
    case "failed":
      return `${step} failed${event.exitCode === 0 ? "" : ` with exit code ${event.exitCode}`} after ${took}${said(event.message)}`;
    default:
      return event.status satisfies never;
  }
}

function endWords(event: Extract<JournalEvent, { type: "run.ended" }>): string {
  const { active, changed, skipped, retired, failed, blocked, unknown } = event.nodeRoles;
  const parts = [
    ...(active > 0 ? [`${active} active`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(skipped > 0 ? [`${skipped} unchanged`] : []),
    ...(retired > 0 ? [`${retired} removed`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(blocked > 0 ? [`${blocked} not started`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return `${event.run} ${event.phase} in ${durationWords(event.durationMs)}: ${parts.join(", ") || "nothing to do"}`;
}

function said(message: string | undefined): string {
  return message === undefined || message === "" ? "" : `: ${message}`;
}

/** Names the section when it is not the steps themselves. */
function sectionWords(section: string): string {
  return section === "steps" ? "" : `${section} `;
}
