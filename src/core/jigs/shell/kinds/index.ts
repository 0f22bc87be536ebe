import type { StepKind } from "../kind.ts";
import { commandKind } from "./command.ts";
import { directoryKind } from "./directory.ts";
import { fileKind } from "./file.ts";
import { linkKind } from "./link.ts";
import { packageKind } from "./package.ts";
import { serviceKind } from "./service.ts";
import { templateKind } from "./template.ts";

const kinds = [packageKind, fileKind, templateKind, directoryKind, linkKind, serviceKind, commandKind] as readonly unknown[] as readonly StepKind[];

/** Every step kind of the shell jig, by name. The next kind is one file beside these and one word here. */
export const stepKinds: ReadonlyMap<string, StepKind> = new Map(kinds.map((kind) => [kind.kind, kind]));
