import { z } from "zod";
import { flag, oneOrMany } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { packagesPrelude } from "../prelude/packages.ts";
import { sh } from "../quote.ts";

const packageName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~^_*-]+)?$/u,
    "must be a package name, with a version if wanted: nginx=1.22*",
  );

const schema = z.strictObject({
  name: oneOrMany(packageName).describe(
    "Package names, each with a version if wanted: `nginx` or `nginx=1.22*`. With rpm and apk a version may leave out epoch and release.",
  ),
  state: z
    .enum(["present", "latest", "absent"])
    .default("present")
    .describe("latest: upgraded when the package lists hold a newer version; absent: removed, with apt also its configuration."),
  update: z
    .union([flag, z.literal("stale")])
    .default("stale")
    .describe(
      "Fetch package lists before installing: stale = when they are missing or older than a day, with dnf and zypper as these see fit.",
    ),
  recommends: flag.default(false).describe("Install recommended packages too; apk knows none."),
  start: flag
    .default(true)
    .describe("false: apt starts no service of theirs before it is configured; those that run already stay. The others start none anyway."),
  restore: flag
    .default(false)
    .describe("With state absent: only those that Halligan installed, with the dependencies that came with them."),
  keep: z.array(packageName).default([]).describe("With restore: packages that stay, whether they are in the list or came along."),
});

/** Packages of the distribution. */
export const packageKind: StepKind<typeof schema> = {
  kind: "package",
  summary: "Packages of the distribution (apt, dnf, zypper or apk), one call per step.",
  schema,
  shorthand: (value) => (typeof value === "string" || Array.isArray(value) ? { name: value } : undefined),
  naturalId: (args) => args.name.join(","),
  label: (args) => `package ${args.name.join(", ")}${args.state === "present" ? "" : ` ${args.state}`}`,
  readOnly: false,
  undo: {
    class: "inverse",
    means:
      "Packages that Halligan installed are removed (with apt purged), with the dependencies that came with them and are no longer needed; what others need stays until the last of them goes. rpm keeps configuration that was changed as .rpmsave.",
  },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "package", args: { name: args.name, state: "absent", restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Short", yaml: "package: [nginx, curl]" },
    { title: "A version", yaml: "package: nginx=1.22*" },
    { title: "Configured before it starts", yaml: "package: { name: mariadb-server, start: false }" },
    { title: "Gone", yaml: "package: { name: apache2, state: absent }" },
  ],
  prelude: packagesPrelude,
  compile(args, _step, context) {
    for (const name of args.name) {
      const bare = name.split("=")[0] ?? name;
      context.needs.packages.add(bare);
      if (args.state === "latest") context.needs.candidates.add(bare);
    }
    const memory = context.memory("originals", `package:${args.name.map((name) => name.split("=")[0]).join(",")}`);
    if (args.restore) {
      const stayed = context.memory("originals", "packages that stayed");
      const words = sh`${memory} ${stayed} ${args.keep.join(" ")} ${args.name}`;
      return {
        check: sh`hg_unpackage_check ${words}`,
        apply: sh`hg_unpackage_apply ${words}`,
        converges: true,
      };
    }
    const recommends = args.recommends ? "install-recommends" : "no-install-recommends";
    return {
      check: sh`hg_package_check ${args.state} ${args.name}`,
      apply: sh`hg_package_apply ${memory} ${String(args.update)} ${recommends} ${args.start ? "start" : "hold"} ${args.state} ${args.name}`,
      converges: true,
    };
  },
};
