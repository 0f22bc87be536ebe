import { z } from "zod";
import { versionSchema } from "./attribute-file.ts";

const settings = z.record(z.string(), z.unknown());

/** A fixture of a barclamp's migrations: settings of one version become those of another, or cannot. */
export const migrationFixtureSchema = z
  .strictObject({
    title: z.string().min(1).optional().meta({ description: "What the fixture shows." }),
    migrate: z
      .strictObject({
        from: versionSchema.meta({ description: "Version for which `before` is written." }),
        to: versionSchema.meta({ description: "Version to which it is carried over; an older one goes the way back." }),
      })
      .meta({ description: "From which version to which." }),
    before: settings.meta({ description: "Settings before." }),
    after: settings.optional().meta({ description: "Settings afterwards." }),
    fails: z.array(z.string().min(1)).min(1).optional().meta({ description: "In place of `after`: settings that cannot be carried over." }),
  })
  .refine((fixture) => (fixture.after === undefined) !== (fixture.fails === undefined), "must have exactly one of `after` and `fails`");
