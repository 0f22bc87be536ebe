import { z } from "zod";
import type { Json, NewEvent, StoredEvent } from "../ports.ts";
import { fail } from "../errors.ts";
import { approvalEvents } from "./approval-events.ts";
import { auditEvents } from "./audit-events.ts";
import { intentEvents } from "./intent-events.ts";
import { dayTwoEvents } from "./day-two-events.ts";
import { lockEvents } from "./lock-events.ts";
import { noteEvents } from "./note-events.ts";
import { peopleEvents } from "./people-events.ts";
import { policyEvents } from "./policy-events.ts";
import { presentForm } from "./versions.ts";
import { problemSchema } from "./problem-schema.ts";

const v = z.literal(1);
const planId = z.templateLiteral(["P-", z.int()]);
const runId = z.templateLiteral(["R-", z.int()]);
const nodeRole = z.templateLiteral([z.string(), "/", z.string()]);
const digest = z.templateLiteral(["sha256:", z.string()]);
const by = z.string();

/** States that a node-role passes through in a run; README.md explains the words. */
export const nodeRoleStates = ["waiting", "todo", "transition", "active", "retired", "error", "unknown", "blocked"] as const;
export type NodeRoleState = (typeof nodeRoleStates)[number];

const runEvents = {
  "node.seen": z.object({ v, node: z.string(), digest: z.string(), changed: z.array(z.string()) }),
  "plan.made": z.object({ v, plan: planId, digest, by, deployments: z.array(z.string()), changes: z.int() }),

  /** A front end asks for a run of exactly this plan. First event of its stream. */
  "intent.run": z.object({
    v,
    run: runId,
    plan: planId,
    digest,
    by,
    /** How that person was known: `local:ann`, `ssh:SHA256:...`. */
    principal: z.string().optional(),
    /** The people.yaml by which it was asked for; absent = there was none. It is judged by this one and by the present one. */
    people: digest.optional(),
    /** The approval request that this run consumes. */
    request: z.templateLiteral(["A-", z.int()]).optional(),
    /** Set when somebody took the run past its gates, with the reason given. */
    breakglass: z.object({ reason: z.string() }).optional(),
    /** It may not start before this moment (ms since the epoch). */
    notBefore: z.number().optional(),
  }),
  "intent.cancel": z.object({ v, run: runId, by, how: z.enum(["after-step", "now", "abandon"]) }),
  "intent.pause": z.object({ v, run: runId, by }),
  "intent.resume": z.object({ v, run: runId, by }),

  /** Somebody else answers for the run from now on. */
  "run.handed": z.object({ v, run: runId, from: z.string(), to: z.string(), note: z.string().optional() }),

  "run.started": z.object({ v, run: runId, plan: planId, digest, by, nodeRoles: z.int(), steps: z.int(), engine: z.string() }),
  /** Another engine process took the run over and re-attaches to what is running. */
  "run.resumed": z.object({ v, run: runId, engine: z.string() }),
  /** Node-roles that could start are held back; what runs goes on. */
  "run.held": z.object({ v, run: runId, problems: z.array(problemSchema), until: z.number().optional() }),
  "run.released": z.object({ v, run: runId }),
  "noderole.moved": z.object({
    v,
    id: nodeRole,
    state: z.enum(nodeRoleStates),
    attempt: z.int(),
    /** The job's name on the node, while and after one runs. */
    job: z.string().optional(),
    /** Steps changed, when it became active. */
    changed: z.int().optional(),
    reason: z.string().optional(),
    problem: problemSchema.optional(),
  }),
  "node.contact": z.object({ v, node: z.string(), contact: z.enum(["lost", "back"]), reason: z.string() }),
  "step.started": z.object({ v, id: nodeRole, step: z.string(), section: z.string() }),
  "step.finished": z.object({
    v,
    id: nodeRole,
    step: z.string(),
    section: z.string(),
    status: z.enum(["ok", "changed", "failed", "skipped", "timeout", "cancelled"]),
    exitCode: z.int(),
    durationMs: z.number(),
    message: z.string().optional(),
    /** Last lines of the step's output when it failed, redacted. */
    tail: z.string().optional(),
  }),
  /** A worker saw a job to its end; the engine then moves the node-role. */
  "job.ended": z.object({
    v,
    id: nodeRole,
    attempt: z.int(),
    /** The job's name on the node. */
    job: z.string(),
    worker: z.string(),
    outcome: z.discriminatedUnion("end", [
      z.object({ end: z.literal("done"), changed: z.int(), reason: z.string().optional() }),
      z.object({ end: z.literal("failed"), changed: z.int(), problem: problemSchema }),
      z.object({ end: z.literal("unknown"), changed: z.int(), problem: problemSchema, gone: z.boolean() }),
    ]),
  }),
  "output.known": z.object({ v, id: nodeRole, name: z.string(), value: z.string() }),
  "run.ended": z.object({
    v,
    run: runId,
    phase: z.enum(["succeeded", "failed", "cancelled"]),
    nodeRoles: z.object({
      active: z.int(),
      changed: z.int(),
      skipped: z.int(),
      retired: z.int(),
      failed: z.int(),
      blocked: z.int(),
      unknown: z.int(),
    }),
    durationMs: z.number(),
    problems: z.array(problemSchema),
  }),
};

const event = {
  ...runEvents,
  ...approvalEvents,
  ...lockEvents,
  ...auditEvents,
  ...policyEvents,
  ...peopleEvents,
  ...noteEvents,
  ...dayTwoEvents,
  ...intentEvents,
};

type Schemas = typeof event;

/** Name of an event or intent. */
export type EventType = keyof Schemas;

/** Every event and intent, discriminated by `type`. Facts only: no prose, no secrets. */
export type JournalEvent = { [T in EventType]: { readonly type: T } & Readonly<z.infer<Schemas[T]>> }[EventType];

/** An event with its place in the journal. */
export type Recorded<E extends JournalEvent = JournalEvent> = E & {
  readonly seq: number;
  readonly at: number;
  readonly stream: string;
  readonly version: number;
};

/** Events that belong to runs, plans and nodes: what a run is folded from. */
export type RunEvent = Extract<JournalEvent, { type: keyof typeof runEvents }>;

/** True for the events that a run is folded from. */
export function isRunEvent<E extends JournalEvent>(entry: E): entry is E & RunEvent {
  return Object.hasOwn(runEvents, entry.type);
}

/** True when both say the same in the same place of their stream: a store that fails over may take back what it had, and then give its place to something else. */
export function isSameEvent(one: StoredEvent, other: StoredEvent): boolean {
  const words = ({ stream, version, type, data }: StoredEvent): string => JSON.stringify([stream, version, type, data]);
  return words(one) === words(other);
}

/** Turns an event into what the store takes. */
export function toStored(entry: JournalEvent): NewEvent {
  const { type, ...data } = entry;
  return { type, data: data as unknown as Json };
}

/**
 * Reads a stored event. Events of types that this version does not know give `undefined`: a newer version wrote them.
 * @throws `STORE_CORRUPT` when a known type has the wrong shape, `STORE_NEWER` when it has a version that this one does not know.
 */
export function fromStored(stored: StoredEvent): Recorded | undefined {
  const schema = event[stored.type as EventType] as z.ZodType | undefined;
  if (schema === undefined || !Object.hasOwn(event, stored.type)) return undefined;
  const parsed = schema.safeParse(presentForm(stored));
  if (!parsed.success) {
    throw fail("STORE_CORRUPT", {
      message: `Event ${stored.position} (${stored.type}) does not have the shape that its version promises.`,
      cause: z.prettifyError(parsed.error),
    });
  }
  return {
    type: stored.type,
    ...(parsed.data as object),
    seq: stored.position,
    at: stored.at,
    stream: stored.stream,
    version: stored.version,
  } as Recorded;
}

/** The stream of one run. */
export function runStream(run: string): string {
  return `run:${run}`;
}

/** JSON Schemas of all events, for `docs/events.md` and readers in other languages. */
export function eventSchemas(): Readonly<Record<EventType, z.ZodType>> {
  return event;
}
