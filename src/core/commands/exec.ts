import { z } from "zod";
import { principalText } from "../authority/principal.ts";
import { fail } from "../errors.ts";
import { parseDuration } from "../model/duration.ts";
import type { CommandContext } from "./command.ts";
import { defineCommand } from "./command.ts";
import { selectNodes } from "./selection.ts";

const longestMs = 24 * 3_600_000;
const mostText = 100_000; // the kernel takes 128 KiB for one argument (MAX_ARG_STRLEN in linux/binfmts.h)

/** Runs a command on nodes. */
export const execCommand = defineCommand({
  id: "exec",
  area: "day two",
  summary: "Run a command on nodes and group equal answers",
  details: [
    "One word behind `--` is a line of shell, run by /bin/sh; several words are one command with its arguments, which get to it exactly as they are. The command has no terminal and, without `--stdin`, reads nothing. Output is kept up to 64 KiB from the beginning and as much from the end, of each node and stream (less with more than 256 nodes); secrets that are sealed in the store are taken out of it.",
    "Ctrl+C and `--timeout` end the command's processes on the nodes: TERM, then KILL. What a command has put into a session of its own goes on; what it leaves in the background with its output open keeps it waiting.",
    "The exit code is 0 when the command exited with 0 everywhere, 1 when it failed on a node, else 5 when a node was not reached or the outcome is not known, 6 after Ctrl+C.",
  ].join("\n\n"),
  args: () =>
    z.object({
      selector: z.string().min(1).describe("Nodes: tier=web & rack!=r2, name=ctl-*"),
      command: z.array(z.string()).min(1).describe("A line of shell as one word, or a command and its arguments"),
      user: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/u, "that is no user name")
        .optional()
        .describe("Run as this user; default: the login user"),
      become: z.boolean().default(false).describe("Run as root"),
      timeout: z.string().default("60s").describe("End it after this time"),
      parallel: z.coerce.number().int().min(1).max(1000).default(50).describe("Nodes at once"),
      stdin: z.string().optional().describe("File that the command reads, on every node; at most 16 MiB"),
    }),
  positionals: ["selector", "command"],
  rest: "command",
  risk: "destructive",
  needs: "operate",
  follows: false,
  chat: { no: "Slack changes quotes and dashes, so the command that arrives might not be the one that was typed." },
  examples: [
    { line: "halligan exec tier=web -- uptime", does: "asks the web nodes how they are" },
    { line: "halligan exec name=db1 --become -- 'journalctl -u mariadb | tail -20'", does: "runs a line of shell as root" },
    { line: "halligan exec tier=web --yes --json -- systemctl is-active nginx", does: "one document, without a question" },
  ],
  async run(context, { selector, command: words, user, become, timeout, parallel, stdin }) {
    const { commandText } = await import("../run/exec/command-text.ts");
    const { execDocument, execExit } = await import("./exec-document.ts");
    const command = checkedText(commandText(words));
    const timeoutMs = checkedTimeout(timeout);
    const input = stdin === undefined ? undefined : await context.local.readBytes(stdin);
    const house = await context.house();
    const { cluster } = await house.load();
    const nodes = selectNodes(cluster.nodes, selector).map((node) => node.name);
    await agree(context, command, nodes);
    await house.audit.record({
      by: context.by,
      principal: principalText(house.principal),
      front: context.front,
      action: "exec run",
      resource: (await import("../model/fold-names.ts")).foldNames(nodes).join(" "),
      decision: "allowed",
      detail: {
        command,
        user: user ?? (become ? "root" : null),
        ...(input === undefined ? {} : { stdin: (await import("../plan/canonical.ts")).blobOf(input).digest }),
      },
    });
    const progress = (done: number, item?: string): void =>
      context.pass({
        type: "progress",
        what: context.signal.aborted ? "exec end" : "exec",
        done,
        total: nodes.length,
        ...(item === undefined ? {} : { item }),
      });
    progress(0);
    const ending = (): void => context.pass({ type: "progress", what: "exec end", done: 0, total: nodes.length });
    context.signal.addEventListener("abort", ending, { once: true });
    const results = await house.execute({
      nodes,
      command,
      whom: user !== undefined ? { kind: "user", name: user } : { kind: become ? "root" : "login" },
      timeoutMs,
      parallel,
      ...(input === undefined ? {} : { stdin: input }),
      onEnd: (node, done) => progress(done, node),
      signal: context.signal,
    });
    context.signal.removeEventListener("abort", ending);
    const document = execDocument(command, results);
    return { exit: execExit(document.counts), document: { ...document } };
  },
});

function checkedText(command: string): string {
  if (command.trim() === "")
    throw fail("USAGE", { message: "There is no command behind `--`.", hint: "`halligan help exec` has examples." });
  if (command.includes("\0")) throw fail("USAGE", { message: "The command holds a NUL character, which no shell takes." });
  if (Buffer.byteLength(command) <= mostText) return command;
  throw fail("USAGE", {
    message: `The command has more than ${mostText} bytes.`,
    hint: "Give it as a script: `halligan exec ... --stdin script.sh -- sh`.",
  });
}

function checkedTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms <= longestMs) return ms;
  throw fail("USAGE", {
    message: `--timeout is \`${text}\`: that is no time up to 24h.`,
    hint: "Write it such as `60s`, `5m` or `1h30m`.",
  });
}

/** One node is what was typed; more of them are shown before anything runs there. */
async function agree(context: CommandContext, command: string, nodes: readonly string[]): Promise<void> {
  if (nodes.length < 2) return;
  const { foldNames } = await import("../model/fold-names.ts");
  const agreed = await context.confirm({ what: "exec", detail: `${command}\n\non ${nodes.length} nodes: ${foldNames(nodes).join(" ")}` });
  if (agreed === undefined) {
    throw fail("CONFIRM_NEEDED", {
      message: `The command would run on ${nodes.length} nodes, and nobody can be asked here.`,
      hint: "Add `--yes`; `halligan nodes SELECTOR` shows which nodes they are.",
    });
  }
  if (!agreed) throw fail("INTERRUPTED", { message: "Nothing was run: the question was answered with no." });
}
