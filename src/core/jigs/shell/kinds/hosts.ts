import { z } from "zod";
import { absolutePath, flag, oneOrMany } from "../args.ts";
import { blockPrelude, compileBlock, compileNoBlock } from "../block-step.ts";
import type { StepKind } from "../kind.ts";

const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/u, "must be a host name");

const schema = z
  .strictObject({
    entries: z
      .array(
        z.strictObject({
          address: z.union([z.ipv4(), z.ipv6()]).describe("IPv4 or IPv6 address."),
          names: oneOrMany(hostName).describe("Names of this address, the canonical one first."),
        }),
      )
      .default([])
      .describe("The lines of the block, in this order. Where a name stands twice in the file, its first line counts."),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/u, "must be letters, digits, dots and dashes")
      .default("hosts")
      .describe("Name of the block. Steps of several barclamps on one node need different ones."),
    path: absolutePath.default("/etc/hosts").describe("The hosts file."),
    state: z.enum(["present", "absent"]).default("present").describe("absent: the block is removed."),
    restore: flag.default(false).describe("With state absent: only a block of ours goes; what was in it before comes back."),
  })
  .refine((args) => args.state === "absent" || args.entries.length > 0, "give at least one entry");

/** Names and addresses in the hosts file. */
export const hostsKind: StepKind<typeof schema> = {
  kind: "hosts",
  summary: "Addresses and names in /etc/hosts, in a block of their own; foreign lines stay.",
  schema,
  shorthand: (value) => (Array.isArray(value) ? { entries: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => {
    const what = args.name === "hosts" ? "hosts" : `hosts ${args.name}`;
    if (args.state === "absent") return `${what} ${args.restore ? "as before" : "absent"}`;
    return `${what}, ${args.entries.length} ${args.entries.length === 1 ? "entry" : "entries"}`;
  },
  readOnly: false,
  undo: { class: "restore", means: "The block goes; foreign lines were never touched." },
  inverse: (args) =>
    args.state === "absent" ? undefined : { kind: "hosts", args: { name: args.name, path: args.path, state: "absent", restore: true } },
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Two names", yaml: "hosts: [ { address: 10.0.0.5, names: [db.example.org, db] }, { address: 10.0.0.6, names: cache } ]" },
    { title: "A block of its own", yaml: "hosts: { name: storage, entries: [ { address: 10.1.0.5, names: [store] } ] }" },
  ],
  prelude: blockPrelude,
  compile(args, step, context) {
    const { path } = args;
    const marker = `# {mark} halligan ${args.name}`;
    if (args.state === "absent") return compileNoBlock({ path, marker, restore: args.restore }, step, context);
    const block = args.entries.map(({ address, names }) => `${address} ${names.join(" ")}`).join("\n");
    const place = { after: undefined, before: undefined, create: true, mode: undefined, owner: undefined };
    return compileBlock({ path, marker, block, ...place }, step, context);
  },
};
