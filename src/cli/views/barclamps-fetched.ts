import type { FetchedBarclamp, FetchedDocument } from "../../core/commands/barclamp-fetch.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";

/** What was added or updated, file by file, and what that means for the cluster file. */
export function barclampsFetchedView({ barclamps, notices, diff, proposal, lock }: FetchedDocument, screen: Screen): readonly string[] {
  if (barclamps.length === 0 && diff === null) return [`${lock} names no barclamps. \`halligan barclamp add SOURCE\` adds one.`];
  const next =
    proposal === null
      ? "`halligan barclamp update --propose` makes a proposal of it."
      : `Proposed as ${proposal}: \`halligan propose show ${proposal}\`, \`halligan propose commit ${proposal}\`.`;
  return [
    ...barclamps.flatMap((each) => lines(each, screen)),
    ...(notices.length === 0 ? [] : ["", ...renderProblems(notices, screen)]),
    ...(diff === null
      ? []
      : ["", "The cluster file would read so with its settings as the barclamps want them:", "", diff.trimEnd(), "", next]),
  ];
}

function lines(each: FetchedBarclamp, screen: Screen): readonly string[] {
  const paint = each.action === "unchanged" ? screen.dim : screen.green;
  const was = each.before === null || each.before.version === each.version ? "" : ` (was ${each.before.version})`;
  const at = each.commit === null ? "" : ` at ${each.commit.slice(0, 12)}`;
  const from = `${each.source}${each.path === null ? "" : ` ${each.path}`}${each.ref === null ? "" : ` @${each.ref}`}${at}`;
  const head = `${paint(each.action)} ${screen.bold(each.name)} ${each.version}${was} from ${from}`;
  if (each.action === "unchanged") return [head];
  const changes = (["changed", "added", "removed"] as const).flatMap((what) => {
    const files = each.files?.[what] ?? [];
    return files.length === 0
      ? []
      : [`  ${what}: ${files.slice(0, 10).join(", ")}${files.length > 10 ? ` and ${files.length - 10} more` : ""}`];
  });
  return [head, ...changes, `  roles: ${each.roles.join(", ") || "none"}; files: ${each.folder}`];
}
