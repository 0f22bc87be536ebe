/** An option that every command takes. */
export interface GlobalOption {
  readonly key: "file" | "state" | "identity" | "json" | "plain" | "trace" | "yes" | "version" | "help";
  readonly long: string;
  readonly short?: string;
  /** Name of the value; absent = a switch. */
  readonly value?: string;
  readonly description: string;
}

/** Options that every command takes, in the order in which help shows them. */
export const globalOptions: readonly GlobalOption[] = [
  { key: "file", long: "--file", short: "-f", value: "FILE", description: "Cluster file; default ./cluster.yaml" },
  { key: "state", long: "--state", value: "URL", description: "Store; default: embedded, in .halligan/ beside the cluster file" },
  {
    key: "identity",
    long: "--identity",
    value: "KEY",
    description: "Prove who you are with an SSH key: agent, or a key file; default: the local user",
  },
  { key: "json", long: "--json", description: "Print JSON: one document, or one event per line" },
  { key: "plain", long: "--plain", description: "No colour, no redrawing, ASCII only" },
  { key: "trace", long: "--trace", description: "Show stack traces of defects" },
  { key: "yes", long: "--yes", short: "-y", description: "Answer questions with yes" },
  { key: "version", long: "--version", description: "Print the version" },
  { key: "help", long: "--help", short: "-h", description: "Explain the command" },
];
