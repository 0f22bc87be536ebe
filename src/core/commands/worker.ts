import { z } from "zod";
import { defineCommand } from "./command.ts";
import { metricsPort } from "./metrics-port.ts";

/** `worker`, when it has ended. */
interface WorkerDocument {
  readonly halligan: 1;
  readonly kind: "worker";
  readonly name: string;
  /** `null`: it served nodes without a site. */
  readonly site: string | null;
  /** Deliveries that it saw to their end. */
  readonly done: number;
}

const label = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/u;

/** Carries out jobs near their nodes for engines on other machines, in the foreground. */
export const workerCommand = defineCommand({
  id: "worker",
  area: "processes",
  summary: "Carry out jobs near the nodes, for engines on other machines",
  details: [
    "Needs a store on Redis (`--state redis://...`) and its own way to the nodes: SSH keys, known_hosts and the age identity are those of the folder and user it runs in. The cluster's files come from the store.",
    "With --site it serves the nodes whose label `site` says so, without it those that have no such label. Several may serve one site.",
    "Stays in the foreground until SIGTERM or Ctrl+C; then it takes nothing new and ends when what runs has ended. A second signal ends it at once: jobs go on on their nodes, and another worker, or the engine, attaches to them. So it does when a worker is killed (docs/workers.md).",
  ].join("\n\n"),
  args: () =>
    z.object({
      site: z.string().regex(label, "a label's value such as eu-1").optional().describe("Serve nodes with this label `site`"),
      concurrency: z.coerce.number().int().min(1).max(500).default(50).describe("Jobs at once"),
      name: z
        .string()
        .regex(label, "letters, digits, dots, dashes")
        .optional()
        .describe("Name on the list of workers; default: the host's"),
      metrics: metricsPort,
    }),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It is a process of its own." },
  examples: [
    { line: "halligan worker --state redis://10.0.0.5?site=prod", does: "serves nodes that have no label `site`" },
    { line: "halligan worker --site eu --concurrency 20 --state redis://10.0.0.5?site=prod", does: "serves the nodes of site eu" },
    {
      line: "halligan worker --metrics 9465 --state redis://10.0.0.5?site=prod",
      does: "and answers on http://127.0.0.1:9465/metrics and /health",
    },
  ],
  async run(context, { site, concurrency, name, metrics }) {
    const end = await context.local.work({
      concurrency,
      metrics,
      signal: context.signal,
      ...(site === undefined ? {} : { site }),
      ...(name === undefined ? {} : { name }),
    });
    const document: WorkerDocument = { halligan: 1, kind: "worker", ...end };
    return { exit: 0, document: { ...document } };
  },
});
