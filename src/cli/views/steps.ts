import type { StepKindDocument, StepKindsDocument } from "../../core/commands/steps.ts";
import { definitions, type Screen, wrapText } from "../screen.ts";

/** Step kinds, one per line. */
export function stepKindsView({ kinds }: StepKindsDocument, screen: Screen): readonly string[] {
  return [
    ...definitions(
      screen,
      kinds.map((each) => [each.name, each.summary] as const),
    ),
    "",
    "`halligan steps KIND` explains one with examples.",
  ];
}

/** One step kind: arguments, what can be taken back, examples. */
export function stepKindView(document: StepKindDocument, screen: Screen): readonly string[] {
  const pairs = document.arguments.map(({ name, required, type, description, default: standard }) => {
    const extra = required ? " (required)" : standard === null ? "" : ` [default: ${standard}]`;
    return [name, `${type}. ${description}${extra}`] as const;
  });
  return [
    `${screen.bold(document.name)}: ${document.summary}`,
    ...(document.readOnly ? ["It may stand in `checks`, where it must only look."] : []),
    "",
    screen.bold("arguments"),
    ...definitions(screen, pairs),
    "",
    `${screen.bold("undo")} ${document.undo.class}`,
    ...wrapText(document.undo.means, Math.min(screen.width, 100) - 2).map((line) => `  ${line}`),
    ...document.examples.flatMap(({ title, yaml }) => [
      "",
      `${screen.bold("example")} ${title}`,
      ...yaml
        .trimEnd()
        .split("\n")
        .map((line) => `  ${line}`),
    ]),
    "",
    "Every step also takes name, when, each, notify, once, timeout and retries; in verify also within.",
  ];
}
