import { z } from "zod";
import { versionSchema } from "./attribute-file.ts";
import { nameSchema } from "./ids.ts";
import { migrationStepSchema } from "./migration-file.ts";

/** A folder below a source: relative, without `.` or `..`. */
export const subfolderSchema = z
  .string()
  .max(500)
  .regex(
    /^(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+(\/(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+)*$/u,
    "must be a folder below the source, such as barclamps/motd",
  );

/** A branch, tag or commit as git takes it, without anything that git would read as an option or a range. */
export const refSchema = z
  .string()
  .max(200)
  .regex(/^(?![-./])(?!.*(\.\.|@\{|\/\/|\/$|\.lock$))[A-Za-z0-9._/+-]+$/u, "must be a branch, a tag or a whole commit");

const lockedSchema = z
  .strictObject({
    source: z.string().min(1).max(2000).meta({ description: "Address of a git repository, or a folder, relative to the cluster file's." }),
    path: subfolderSchema.optional().meta({ description: "Folder of the barclamp in the source." }),
    ref: refSchema.optional().meta({ description: "Branch, tag or commit that `update` follows; absent: the repository's own branch." }),
    commit: z
      .string()
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/u, "must be a whole commit")
      .optional()
      .meta({ description: "The commit that was taken; absent: the source is a folder." }),
    version: versionSchema.meta({ description: "The barclamp's own version." }),
    digest: z
      .templateLiteral(["sha256:", z.string()])
      .refine((digest) => /^sha256:[0-9a-f]{64}$/u.test(digest), "must be a digest: sha256: and 64 hex digits")
      .meta({ description: "Digest over all its files." }),
    carry: z
      .array(migrationStepSchema)
      .min(1)
      .optional()
      .meta({ description: "What the cluster file's settings still need to fit this version, as far as the barclamp does not say it." }),
  })
  .refine((entry) => entry.ref === undefined || entry.commit !== undefined, "a folder has no `ref`");

/** `halligan.lock`: barclamps that come from elsewhere, by the name under which they are used. */
export const lockFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the format." }),
    barclamps: z.record(nameSchema, lockedSchema).meta({ description: "Sorted by name." }),
  })
  .meta({ title: "Halligan lock file" });

/** One barclamp of `halligan.lock`. */
export type LockedBarclamp = Readonly<z.output<typeof lockedSchema>>;

/** All of `halligan.lock`. */
export type LockedBarclamps = Readonly<Record<string, LockedBarclamp>>;
