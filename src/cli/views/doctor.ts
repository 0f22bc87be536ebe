import type { DoctorDocument } from "../../core/commands/doctor.ts";
import type { Examination } from "../../core/commands/local.ts";
import type { Paint, Screen } from "../screen.ts";
import { padToWidth } from "../../core/words/text-width.ts";

/** Examinations, one per line, each bad one with its next action. */
export function doctorView(document: DoctorDocument, screen: Screen): readonly string[] {
  const paints: Readonly<Record<Examination["verdict"], Paint>> = {
    ok: screen.green,
    warn: screen.yellow,
    fail: screen.red,
    skipped: screen.dim,
  };
  const lines = document.subjects.flatMap(({ node, examinations }) => {
    const width = Math.max(0, ...examinations.map((each) => each.name.length));
    return [
      screen.bold(node ?? "this machine"),
      ...examinations.flatMap(({ name, verdict, found, action }) => [
        `  ${paints[verdict](padToWidth(verdict, 7))}  ${padToWidth(name, width)}  ${found}`,
        ...(action === undefined ? [] : [`  ${" ".repeat(7)}  ${" ".repeat(width)}  ${screen.cyan("next")} ${action}`]),
      ]),
    ];
  });
  const { ok, warn, fail } = document.summary;
  return [...lines, "", `${ok} ok, ${warn} to look at, ${fail} to mend`];
}
