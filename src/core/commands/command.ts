import type { z } from "zod";
import type { PolicyReport } from "../authority/policy/report.ts";
import type { Action, Resource } from "../authority/authorise.ts";
import type { AuditEntry } from "../authority/audit/trail.ts";
import type { Problem } from "../errors.ts";
import type { House } from "../house.ts";
import type { Recorded } from "../journal/events.ts";
import type { ExitCode } from "../problems/entry.ts";
import type { Plan } from "../model/plan.ts";
import type { RunState } from "../run/state.ts";
import type { Local } from "./local.ts";

/** Groups of commands, in the order in which help shows them. */
export type Area = "start" | "inventory" | "barclamps" | "intent" | "plan and run" | "day two" | "authority" | "people" | "processes";

/** What a command may do: `read` looks only, `change` changes machines or files, `destructive` takes something away. */
export type Risk = "read" | "change" | "destructive";

/** What a command needs: an action for which a role is granted, or `nothing` where no cluster is concerned. */
export type Need = Action | "nothing";

/** What a command answers. `document` is the `--json` output: its shape is an interface, documented in docs/json.md. */
export interface Answer {
  readonly exit: ExitCode;
  readonly document: { readonly halligan: 1; readonly kind: string } & Readonly<Record<string, unknown>>;
}

/** What a following command passes on while it goes on: journal events, and pieces of logs. */
export type Passing =
  /** `state` is the run up to and including the event; it belongs to the fold and is updated in place. */
  | { readonly type: "event"; readonly event: Recorded; readonly state?: RunState }
  /** A plan that the command is about to ask for, or to carry out. */
  | { readonly type: "plan"; readonly plan: Plan; readonly policy?: PolicyReport }
  /** Whole lines of one log; `alone`: of the only log that is shown. */
  | {
      readonly type: "log";
      readonly run: string;
      readonly node: string;
      readonly role: string;
      readonly text: string;
      readonly alone?: boolean;
    }
  /** A fact about the command's own progress, such as a node that answered while planning. */
  | { readonly type: "progress"; readonly what: string; readonly done: number; readonly total: number; readonly item?: string }
  | { readonly type: "problem"; readonly problem: Problem };

/** A question that the front end asks its person before something changes. */
export interface Confirmation {
  readonly what: "apply" | "remove" | "reset" | "forget" | "breakglass" | "lab down" | "overwrite" | "link" | "exec";
  readonly plan?: Plan;
  readonly detail?: string;
  /** Only this, typed, is a yes: what is about to happen cannot be taken back. */
  readonly typed?: string;
}

/** What a front end gives to every command. */
export interface CommandContext {
  /** Opens the cluster's house on first use; commands without a cluster never call it. Problems: those of loading. */
  house(): Promise<House>;
  /** What the machine on which the command is typed offers, without store or network. */
  readonly local: Local;
  /** Shows passing facts at once. */
  pass(passing: Passing): void;
  /** `undefined` = nobody can be asked (no terminal) and `--yes` was not given. */
  confirm(confirmation: Confirmation): Promise<boolean | undefined>;
  /**
   * While a run is followed: lets the person cancel it from where they watch. The front end calls `cancel`; the returned function ends that.
   * Absent where nobody can be asked.
   */
  readonly offerCancel?: (run: string, cancel: (how: "after-step" | "now") => Promise<void>) => () => void;
  /** Aborted when the person leaves (Ctrl+C twice, closed terminal). */
  readonly signal: AbortSignal;
  /** Who asks, for journal and plans: the person's id, or the local user's name without people.yaml. Set by `carryOut`. */
  readonly by: string;
  /** The front end, for entries of the audit that a command adds. */
  readonly front: Exclude<AuditEntry["front"], "engine">;
  /**
   * Judges what the command's own `needs` left open, such as the deployments of the plan that was named.
   * @throws `NOT_ALLOWED`, `PRINCIPAL_UNKNOWN`.
   */
  authorise(action: Action, resource: Resource): Promise<void>;
  readonly cwd: string;
}

/** What a command is in chat. Every command has to say. */
export type ChatUse =
  | {
      /** What stands behind its words: a cluster, then its arguments as on the command line; or the arguments at once. */
      readonly takes: "cluster" | "every cluster" | "nothing";
      /** Options whose value is the same for everybody: chat neither follows nor waits, it is told. */
      readonly always?: Readonly<Record<string, boolean>>;
      /** Arguments that mean a file of the machine on which they are typed. */
      readonly without?: readonly string[];
    }
  /** Why it makes no sense there, one sentence, told to whoever tries. */
  | { readonly no: string };

/** One definition per command: CLI, chat and palette are made from it. */
export interface CommandDefinition<Args extends z.ZodObject = z.ZodObject> {
  /** Words as typed: `lab up`. */
  readonly id: string;
  readonly area: Area;
  readonly summary: string;
  /** Longer help, plain text, may be several paragraphs. */
  readonly details?: string;
  /** All arguments; each key described with `.describe()`. Keys are camelCase; options are shown as `--kebab-case`. */
  readonly args: Args;
  /** Keys of `args` that are given by place; the last may be an array. The others are options. */
  readonly positionals: readonly (keyof z.infer<Args> & string)[];
  /** The one of `positionals` that takes the words behind `--`, and only those. */
  readonly rest?: keyof z.infer<Args> & string;
  /** One-letter forms of options by key: `{ follow: "f" }`. They win over global ones. */
  readonly shorts?: Readonly<Record<string, string>>;
  readonly risk: Risk;
  /** Options with which it may do more than `risk` says, by key. */
  readonly graver?: Readonly<Record<string, Risk>>;
  /** Judged by `carryOut` before the command runs. */
  readonly needs: Need;
  /**
   * `cluster` (the default): the role must be granted for the whole cluster. `deployments`: a grant for any deployment opens the command, and it
   * judges by itself (`context.authorise`) on which ones it works. Reading is never narrowed to deployments.
   */
  readonly scope?: "cluster" | "deployments";
  /** True for commands that need no right and are put on record all the same. */
  readonly recorded?: boolean;
  /** Arguments that are secret: they are left out of the audit. */
  readonly secretArgs?: readonly string[];
  /** True when `--json` gives one line per event instead of one document. */
  readonly follows: boolean;
  readonly chat: ChatUse;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Not shown in help (internal processes). */
  readonly hidden?: boolean;
  run(context: CommandContext, args: z.infer<Args>): Promise<Answer>;
}

/** Arguments that are sentences of a person's own: values of secrets are taken out of them before anything is done with them. */
export const freeTextArgs = ["reason", "note", "text"] as const;

/** A definition as it is written: its arguments are made when somebody asks for them. A start that needs one command would make those of a hundred. */
type WrittenCommand<Args extends z.ZodObject> = Omit<CommandDefinition<Args>, "args"> & { readonly args: () => Args };

/** Ties a definition's argument types together. */
export function defineCommand<Args extends z.ZodObject>(written: WrittenCommand<Args>): CommandDefinition<Args> {
  let made: Args | undefined;
  return {
    ...written,
    get args() {
      return (made ??= written.args());
    },
  };
}
