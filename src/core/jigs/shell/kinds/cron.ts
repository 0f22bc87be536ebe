import { z } from "zod";
import { accountName, flag, oneLine } from "../args.ts";
import { compileAbsent, compileContent, contentPrelude } from "../content-step.ts";
import { byTables, compileNoTableJob, compileTableJob, cronTablePrelude } from "../cron-table.ts";
import type { StepKind } from "../kind.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The five fields: what they are called, their limits and their names, of which the first stands for the lower limit. */
const fields = [
  { what: "minute", from: 0, to: 59, names: [] },
  { what: "hour", from: 0, to: 23, names: [] },
  { what: "day of the month", from: 1, to: 31, names: [] },
  { what: "month", from: 1, to: 12, names: months },
  { what: "day of the week", from: 0, to: 7, names: days },
] as const;

const nicknames = ["@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** What is wrong with a schedule; undefined = nothing. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule.startsWith("@")) return nicknames.includes(schedule) ? undefined : `${schedule} is none of ${nicknames.join(", ")}`;
  const parts = schedule.split(/[ \t]+/u);
  if (parts.length !== fields.length) return `five fields (minute, hour, day, month, weekday) or one of ${nicknames.join(", ")} are needed`;
  for (const [at, field] of fields.entries()) {
    const wrong = (parts[at] ?? "").split(",").find((item) => !itemFits(item, field));
    if (wrong !== undefined) return `'${wrong}' is no ${field.what} (${field.from}-${field.to})`;
  }
  return undefined;
}

function itemFits(item: string, field: (typeof fields)[number]): boolean {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/u.exec(item);
  if (match === null) return false;
  const number = (text: string): number => {
    const name = field.names.findIndex((each) => each === text.toLowerCase());
    if (name >= 0) return name + field.from;
    return /^\d{1,2}$/u.test(text) ? Number(text) : Number.NaN;
  };
  const [, first, last, every] = match;
  const fits = (value: number): boolean => value >= field.from && value <= field.to;
  if (every !== undefined && (Number(every) < 1 || (first !== undefined && last === undefined))) return false;
  if (first === undefined) return true;
  return fits(number(first)) && (last === undefined || (fits(number(last)) && number(first) <= number(last)));
}

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/u, "must be letters, digits, dashes and underscores: cron does not read other files")
      .describe("Name of the file in /etc/cron.d."),
    schedule: oneLine
      .superRefine((value, check) => {
        const wrong = scheduleProblem(value);
        if (wrong !== undefined) check.addIssue({ code: "custom", message: `is no schedule: ${wrong}` });
      })
      .optional()
      .describe("Five fields (minute, hour, day of the month, month, day of the week) or @daily and the like."),
    command: oneLine
      .min(1)
      .max(900)
      .optional()
      .describe("What /bin/sh runs. Percent signs mean themselves here; in the file they are written as cron wants them."),
    user: accountName.default("root").describe("Who it runs as."),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of a variable"),
        z.union([
          oneLine.refine((value) => !value.includes('"'), "must not hold double quotes"),
          z.number().transform(String),
          z.boolean().transform(String),
        ]),
      )
      .default({})
      .describe("Variables, such as MAILTO or PATH; cron expands nothing in them. MAILTO does nothing with busybox."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the job is removed."),
    restore: flag.default(false).describe("With state absent: only a job of ours goes; what was there before it comes back."),
  })
  .refine((args) => args.state === "absent" || (args.schedule !== undefined && args.command !== undefined), "give schedule and command");

/** A job of cron. */
export const cronKind: StepKind<typeof schema> = {
  kind: "cron",
  summary: "A command that cron runs by schedule: a file of its own in /etc/cron.d, or with busybox's crond a block in /etc/crontabs/USER.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.name,
  label: (args) => `cron ${args.name}${args.state === "absent" ? (args.restore ? " as before" : " absent") : ` ${args.schedule}`}`,
  readOnly: false,
  undo: { class: "restore", means: "What was there before comes back; a new job is removed. A run under way goes on." },
  inverse: (args) =>
    args.state === "absent" ? undefined : { kind: "cron", args: { name: args.name, user: args.user, state: "absent", restore: true } },
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Every night", yaml: 'cron: { name: app-backup, schedule: "30 2 * * *", user: app, command: /srv/app/bin/backup --all }' },
    {
      title: "With variables",
      yaml: 'cron: { name: report, schedule: "@weekly", command: "report %F", env: { MAILTO: ops@example.org } }',
    },
  ],
  prelude: `${contentPrelude}${cronTablePrelude}`,
  compile(args, step, context) {
    const path = `/etc/cron.d/${args.name}`;
    if (args.state === "absent")
      return byTables(compileNoTableJob(args, args.restore, step, context), compileAbsent({ path, restore: args.restore }, step, context));
    const lines = [
      ...Object.entries(args.env).map(([name, value]) => `${name}="${value}"`),
      `${args.schedule} ${args.user} ${(args.command ?? "").replaceAll("%", "\\%")}`,
    ];
    const { name, user, env, schedule = "", command = "" } = args;
    // cron does not run files that others may write.
    const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
    const folder = compileContent({ path, bytes, mode: "644", owner: "root:root" }, step, context);
    return byTables(compileTableJob({ name, user, env, schedule, command }, step, context), folder);
  },
};
