import { z } from "zod";
import { planRisks } from "../model/approvals.ts";

const v = z.literal(1);
const request = z.templateLiteral(["A-", z.int()]);
const plan = z.templateLiteral(["P-", z.int()]);
const run = z.templateLiteral(["R-", z.int()]);
const digest = z.templateLiteral(["sha256:", z.string()]);
const person = z.string();

const rule = z.object({
  people: z.int(),
  groups: z.array(z.string()),
  excludeAuthor: z.boolean(),
  excludeEditor: z.boolean(),
  ttlMs: z.number(),
  stepUp: z.boolean(),
});

/** One approval rule that a plan must meet, and where it comes from. */
export const requirementSchema = z.object({ deployment: z.string(), risk: z.enum(planRisks), rule });

/** Events about approvals. Stream `approval:<request>`; every one but the first is appended with the version that it was decided on. */
export const approvalEvents = {
  "approval.requested": z.object({
    v,
    request,
    plan,
    digest,
    cluster: z.string(),
    /** Deployments that were planned: a new plan of the same ones retains or voids the request. */
    scope: z.array(z.string()),
    /** Deployments in which something changes: who approves needs the role for all of them. */
    deployments: z.array(z.string()),
    /** Who asked for the run. */
    by: person,
    /** Who made the plan. */
    author: person,
    /** Who wrote what it brings about, as far as proposals tell. */
    editors: z.array(person).optional(),
    requirements: z.array(requirementSchema),
    /** people.yaml as it was. */
    people: digest,
    expiresAt: z.number(),
  }),
  "approval.given": z.object({
    v,
    request,
    person,
    principal: z.string(),
    digest,
    /** Over the request: see docs/approvals.md. `fingerprint`: of the key that made it. */
    signature: z.object({ armored: z.string(), fingerprint: z.string() }).optional(),
  }),
  "approval.rejected": z.object({ v, request, person, principal: z.string(), digest, reason: z.string() }),
  /** Somebody takes back a vote or a rejection, or the whole request. */
  "approval.withdrawn": z.object({ v, request, person, principal: z.string(), what: z.enum(["vote", "rejection", "request"]) }),
  /** The same was planned again. */
  "approval.retained": z.object({ v, request, plan, by: person }),
  /** Something else was planned. `changed`: what differs, a line each. */
  "approval.voided": z.object({ v, request, plan, digest, by: person, changed: z.array(z.string()) }),
  "approval.closed": z.object({ v, request, why: z.literal("empty"), plan, by: person }),
  "approval.expired": z.object({ v, request }),
  "approval.consumed": z.object({ v, request, run, plan, by: person }),
} as const;
