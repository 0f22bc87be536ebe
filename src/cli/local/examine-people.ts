import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Examination } from "../../core/commands/local.ts";

const othersMayWrite = 0o022;
const sticky = 0o1000;

/** Whether somebody else than its owner could change who may do what; nothing where there is no people.yaml. */
export function examinePeople(folder: string): readonly Examination[] {
  const file = join(folder, "people.yaml");
  const info = statSync(file, { throwIfNoEntry: false });
  if (info === undefined) return [];
  const around = statSync(dirname(file));
  const replaceable = (around.mode & othersMayWrite) !== 0 && (around.mode & sticky) === 0;
  if ((info.mode & othersMayWrite) === 0 && !replaceable)
    return [{ name: "people.yaml", verdict: "ok", found: "Only its owner can change it." }];
  return [
    {
      name: "people.yaml",
      verdict: "warn",
      found: `Others than its owner can ${replaceable ? "replace" : "change"} it: they can give themselves every role.`,
      action: replaceable
        ? `Run \`chmod go-w ${folder}\`; only \`.halligan\` needs to be open to the group (docs/people.md).`
        : `Run \`chmod go-w ${file}\`.`,
    },
  ];
}
