import { z } from "zod";
import { eventSchemas } from "../../src/core/journal/events.ts";

/** What each event says, who writes it and where. Kept here because it is prose; the fields come from the schemas. */
const means: Readonly<Record<string, string>> = {
  "node.seen": "A node was probed and its stable facts differ from before (or it was seen for the first time). Stream `node:<name>`.",
  "plan.made": "A plan was made and stored. Stream `plans`.",
  "intent.run": "A front end asks for a run of exactly this plan. Always the first event of `run:<run>`.",
  "intent.cancel": "A front end asks to end the run: after the current steps, now (TERM, then KILL), or by letting go of it.",
  "intent.pause": "Nothing new is started until `intent.resume`.",
  "intent.resume": "Work goes on after a pause.",
  "run.handed": "Another person answers for the run from now on (`handoff`).",
  "run.started": "The engine has begun. Written once per run.",
  "run.resumed": "Another engine process has taken the run over and attaches to what is running.",
  "run.held": "Node-roles that could start are held back, with the reasons; what runs goes on. Judged again until they are gone.",
  "run.released": "Nothing holds the run back any more.",
  "noderole.moved": "A node-role has a new state. `transition` is written before its job is sent: a job without it was never started.",
  "node.contact": "The connection to a node was lost, or is back, while its job goes on.",
  "step.started": "A step of a job has begun.",
  "step.finished": "A step of a job has ended.",
  "job.ended": "A worker saw a job to its end and says how it ended. The engine then moves the node-role (workers.md).",
  "output.known": "A step gave a value that others may take as an input.",
  "run.ended": "Nothing more will happen in this run. Always the last event of its stream.",
  "audit.recorded": "One attempt, allowed or refused; each holds the hash of the one before it (audit.md). Stream `audit`.",
  "audit.checkpoint": "A signed statement of how far the audit reached. Stream `audit:checkpoints`.",
  "approval.requested": "A plan needs approvals before it may run (approvals.md). Always the first event of `approval:<request>`.",
  "approval.given": "A person approves exactly this digest. Written only when it counts.",
  "approval.rejected": "A person rejects the plan; one is enough, until it is taken back.",
  "approval.withdrawn": "A person takes back their vote or their rejection, or whoever asked takes back the request.",
  "approval.retained": "The same was planned again while the request was open: its votes stay.",
  "approval.voided": "Something else was planned for the same deployments: the votes count for nothing any more.",
  "approval.closed": "There is nothing left to do.",
  "approval.expired": "Written by whoever notices first; a request is over at `expiresAt` in any case.",
  "approval.consumed": "A run uses the request. It may be asked for with it once, and nobody else may.",
  "link.offered":
    "A code was made with which one more principal can become the person, until then. The code is not kept, only its digest. Stream `people`.",
  "link.made": "A principal used a code and stands for the person from now on. Stream `people`.",
  "link.removed": "A principal that was linked stands for nobody any more. Stream `people`.",
  "lock.taken":
    "Somebody locked a deployment, or the whole cluster (no `deployment`), or renewed a lock. `token` grows with every lock. Stream `locks`.",
  "lock.released": "The lock with this token ended before its time; `forced` says from whom it was taken and why. Stream `locks`.",
  "freeze.set": "Nothing of these deployments (none named = all) starts between the two moments. Stream `freezes`.",
  "freeze.lifted": "A freeze ended early; with `until`, a window of the cluster file is left out until then. Stream `freezes`.",
  "breakglass.passed": "What a run with break-glass was taken past, as `CODE: message`. Stream `breakglass`.",
  "breakglass.reviewed": "An admin has looked at a use of break-glass and closed its review. Stream `breakglass`.",
  "policy.waived":
    "An admin answers for a rule of the policy that does not hold: everywhere, on one node or in one deployment, until then. Stream `policy`.",
  "drift.looked": "Somebody compared what stands with its nodes (`drift`). Stream `standing`.",
  "noderole.forgotten":
    "Halligan was told to forget node-roles whose machines are gone (`reset --forget`); nothing was done on them. Stream `standing`.",
  "note.added":
    "Somebody noted something about a node, one role on it, or failures of a kind, for whoever meets them next time. Stream `notes`.",
  "note.removed": "A note was taken away. Stream `notes`.",
  "revision.made":
    "A revision of the intent was kept: cluster file and barclamps (proposals.md). `by` committed it, or planned first with an edit by hand. Stream `revisions`.",
  "proposal.made": "Somebody proposes a change of the cluster file; `paths` are what it changes, without values. Stream `proposals`.",
  "proposal.changed": "A proposal was edited, or put on the present cluster file. Stream `proposals`.",
  "proposal.committed": "A proposal is in the cluster file; `git` is the commit that was made of it. Stream `proposals`.",
  "proposal.dropped": "A proposal was given up. Stream `proposals`.",
  "policy.waiver-ended": "A waiver was ended before its time. Stream `policy`.",
};

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly pattern?: string;
}

/** The text of `docs/events.md`: every event and intent of the journal with its fields. */
export function eventsDocument(): string {
  const sections = Object.entries(eventSchemas()).map(([type, schema]) => section(type, z.toJSONSchema(schema) as JsonSchema));
  return `${[intro(), ...sections].join("\n\n")}\n`;
}

function intro(): string {
  return [
    "# Events",
    "<!-- Generated from src/core/journal/events.ts by `npm run docs`; do not edit by hand. -->",
    "The journal is the meeting place of all processes: front ends append *intents*, the engine that holds the lease appends facts, and every view is a",
    "fold of these. `apply --json` and `watch --json` print one event per line, with `type`, `seq` (position in the store), `at` (ms since the epoch),",
    "`stream` and `version` (place in the stream) beside the fields below. A field may be added within a version (`v`); none changes its meaning.",
    "Facts of a run are appended under the engine's fencing token; an engine that was replaced cannot write.",
  ].join("\n");
}

function section(type: string, schema: JsonSchema): string {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => `| \`${name}\` | ${kindOf(field)} | ${required.has(name) ? "always" : "sometimes"} |`,
  );
  const said = means[type];
  if (said === undefined) throw new Error(`docs: say in scripts/lib/events-doc.ts what ${type} means`);
  return [`## ${type}`, "", said, "", "| field | type | there |", "|---|---|---|", ...rows].join("\n");
}

function kindOf({ type, enum: choices, const: constant, items, properties }: JsonSchema): string {
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(", ");
  if (type === "array") return `list of ${items?.type === "object" ? "objects" : kindOf(items ?? {})}`;
  if (type === "object")
    return `object: ${Object.keys(properties ?? {})
      .map((name) => `\`${name}\``)
      .join(", ")}`;
  return typeof type === "string" ? type : "value";
}
