import { digestOf } from "../../core/plan/canonical.ts";
import { type ButtonSpec, button } from "../text/blocks.ts";
import type { Button } from "../text/message.ts";

/** Everything that a button of ours can do. */
export const acts = [
  "apply",
  "review",
  "reject",
  "withdraw",
  "replan",
  "diff",
  "pause",
  "resume",
  "cancel",
  "logs",
  "retry",
  "rollback",
  "handoff",
] as const;
export type Act = (typeof acts)[number];

/** What a button carries: what it is about, never what is decided by it. Everything else is read anew when it is pressed. */
export interface Carried {
  readonly act: Act;
  readonly cluster: string;
  /** `P-7`, `R-12`. */
  readonly id: string;
  /** First digits of the plan's digest. */
  readonly digest: string;
  /** Of the state in which the button was shown. */
  readonly nonce: string;
}

const prefix = "halligan:";

/** Ties a button to the state of its subject: in another state it is another button. */
export function nonceOf(cluster: string, id: string, act: Act, phase: string): string {
  return digestOf([cluster, id, act, phase]).slice("sha256:".length, "sha256:".length + 12);
}

/** A button about a plan or a run. */
export function actButton(
  carried: Omit<Carried, "nonce">,
  phase: string,
  look: Pick<ButtonSpec, "text" | "label"> & { readonly style?: "primary" | "danger" },
): Button {
  const { act, cluster, id, digest } = carried;
  const value = JSON.stringify({ c: cluster, i: id, d: digest, n: nonceOf(cluster, id, act, phase) });
  return button({ action: `${prefix}${act}`, value, ...look });
}

/** What a pressed button or a submitted view says it is about; `undefined` where it is none of ours. */
export function carriedBy(actionId: string, value: string): Carried | undefined {
  const act = acts.find((each) => actionId === `${prefix}${each}`);
  if (act === undefined || value.length > 2000) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { c, i, d, n } = parsed as Readonly<Record<string, unknown>>;
    if (typeof c !== "string" || typeof i !== "string" || typeof d !== "string" || typeof n !== "string") return undefined;
    return /^[PR]-[1-9]\d{0,9}$/u.test(i) && /^[0-9a-f]{12}$/u.test(d) ? { act, cluster: c, id: i, digest: d, nonce: n } : undefined;
  } catch {
    return undefined;
  }
}
