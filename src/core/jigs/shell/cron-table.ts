import { blockPrelude, compileBlock, compileNoBlock } from "./block-step.ts";
import type { StepContext } from "./context.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { posix, quote, sh } from "./quote.ts";

/** A job of busybox's crond: a block in the table of its user. */
export interface TableJob {
  readonly name: string;
  readonly user: string;
  readonly schedule: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** busybox's crond knows nicknames only where it was built so; five fields are known everywhere. */
const fieldsOf: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** `hg_cron_tables`: crond reads /etc/crontabs/USER and no /etc/cron.d, as busybox's does on Alpine. */
export const cronTablePrelude = `${blockPrelude}${posix`
hg_cron_tables() { [ "$hg_init" != fixture ] && [ -d /etc/crontabs ] && [ ! -d /etc/cron.d ]; }
`}`;

const markerOf = (name: string): string => `# {mark} halligan ${name}`;

/**
 * Compiles a job as busybox's crond wants it: no user in the line, nothing special about percent signs, variables set by the line itself. The
 * table is replaced by a new file, by which crond sees within a minute that the folder has changed.
 */
export function compileTableJob(job: TableJob, input: StepInput, context: StepContext): StepShell {
  const schedule = job.schedule.startsWith("@") ? fieldsOf[job.schedule] : job.schedule;
  const variables = Object.entries(job.env).map(([name, value]) => `export ${name}=${quote(value)}; `);
  const path = `/etc/crontabs/${job.user}`;
  const spot = { after: undefined, before: undefined, create: true, mode: undefined, owner: undefined };
  const block = compileBlock(
    { path, block: `${schedule ?? ""} ${variables.join("")}${job.command}`, marker: markerOf(job.name), ...spot },
    input,
    context,
  );
  if (schedule !== undefined) return block;
  const why = sh`"busybox's crond has no "${job.schedule}": use a service step, or a time"`;
  return { check: sh`hg_refuse ${why} "no such time"`, apply: sh`hg_fail ${why}; return 1`, converges: true };
}

/** Compiles that a job must not be in the table; with `restore` only one of ours goes. */
export function compileNoTableJob(
  { name, user }: Pick<TableJob, "name" | "user">,
  restore: boolean,
  input: StepInput,
  context: StepContext,
): StepShell {
  return compileNoBlock({ path: `/etc/crontabs/${user}`, marker: markerOf(name), restore }, input, context);
}

/** One of two, by what the node's crond reads. */
export function byTables(table: StepShell, folder: StepShell): StepShell {
  const show = table.show === undefined || folder.show === undefined ? {} : { show: choose(table.show, folder.show) };
  return { check: choose(table.check, folder.check), apply: choose(table.apply, folder.apply), ...show, converges: true };
}

function choose(table: StepShell["check"], folder: StepShell["check"]): StepShell["check"] {
  return sh`if hg_cron_tables; then
${table}
else
${folder}
fi`;
}
