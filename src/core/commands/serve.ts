import { z } from "zod";
import { defineCommand } from "./command.ts";
import { metricsPort } from "./metrics-port.ts";

/** `serve`, when it has ended. */
interface ServedDocument {
  readonly halligan: 1;
  readonly kind: "served";
  readonly clusters: readonly string[];
}

/** Engines and the Slack bot for one or several clusters, in the foreground. */
export const serveCommand = defineCommand({
  id: "serve",
  area: "processes",
  summary: "Serve clusters: keep engines for their runs, and answer in Slack",
  details: [
    "Stays in the foreground until SIGTERM or Ctrl+C; systemd runs it (docs/operating.md; the package has a unit). What is going on then goes on: runs belong to engine processes, and whoever serves next takes over.",
    "-f may be repeated, and --clusters names a folder of cluster folders. Several of these processes may serve the same clusters.",
    "Tokens come from the environment alone: SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or with --http SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET. Without tokens it serves engines only. It starts, and runs go on, whether Slack can be reached or not.",
  ].join("\n\n"),
  args: () =>
    z.object({
      clusters: z.string().min(1).optional().describe("Folder whose folders hold a cluster.yaml each"),
      slack: z.boolean().default(true).describe("Answer in Slack where tokens are set; `--no-slack` does not"),
      command: z
        .string()
        .regex(/^\/[a-z0-9_-]{1,31}$/u, "a slash command such as /halligan-prod")
        .default("/halligan")
        .describe("Slash command of this installation, as in its manifest"),
      http: z.coerce
        .number()
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe("Port of 127.0.0.1 for signed requests of Slack, behind a proxy with TLS; without it: Socket Mode"),
      metrics: metricsPort,
    }),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It is the process that answers here." },
  examples: [
    { line: "halligan serve", does: "serves the cluster of this folder" },
    { line: "halligan serve -f prod/cluster.yaml -f lab/cluster.yaml", does: "serves two clusters" },
    { line: "halligan serve --metrics 9464", does: "and answers on http://127.0.0.1:9464/metrics and /health" },
    { line: "halligan serve --clusters /srv/clusters --http 3000", does: "serves every cluster below a folder, with signed HTTP" },
  ],
  async run(context, { clusters, slack, command, http, metrics }) {
    const served = await context.local.serve({
      slack,
      command,
      signal: context.signal,
      metrics,
      ...(clusters === undefined ? {} : { clusters }),
      ...(http === undefined ? {} : { http }),
    });
    const document: ServedDocument = { halligan: 1, kind: "served", clusters: served.clusters };
    return { exit: 0, document: { ...document } };
  },
});
