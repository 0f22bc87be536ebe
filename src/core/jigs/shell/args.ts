import { z } from "zod";
import { parseSize } from "../../model/size.ts";

/** Strings that a shell word can carry: anything but NUL. */
export const text = z.string().refine((value) => !value.includes("\0"), "NUL bytes are not possible here");

/** One line of text. */
export const oneLine = text.refine((value) => !value.includes("\n"), "must be one line");

/** An absolute path. */
export const absolutePath = text
  .refine((value) => value.startsWith("/"), "must be an absolute path")
  .refine((value) => !value.split("/").includes(".."), "must not hold '..'")
  .transform((value) => value.replace(/\/+/gu, "/").replace(/(.)\/$/u, "$1"));

/** `true`, or the string that a template made of it. */
export const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")]);

/** A whole number, or the string that a template made of it. */
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,15}$/u, "must be a whole number")
    .transform(Number),
]);

/** `"0640"`; at least three digits and no more zeros before them than that, as `hg_stat` has it. */
export const fileMode = z.preprocess(
  (value) => (typeof value === "number" ? String(value) : value),
  z
    .string()
    .regex(/^[0-7]{3,5}$/u, 'must be octal digits in quotes, such as "0644"')
    .transform((value) => value.replace(/^0+/u, "").padStart(3, "0")),
);

/** A user or group name, or a number. */
export const accountName = z.preprocess(
  (value) => (typeof value === "number" ? String(value) : value),
  z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\$?$/u, "must be the name of a user or group"),
);

/** `user`, `user:group` or `:group`. */
export const owner = z
  .string()
  .regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]*)?(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/u, "must be user:group")
  .refine((value) => value !== "" && value !== ":", "must be user:group");

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `2m`, `1m30s`, or a number of milliseconds; the result is in milliseconds. */
export const durationMs = z
  .union([
    z.number().nonnegative(),
    z
      .string()
      .regex(/^(\d+|(\d+(ms|s|m|h|d))+)$/u, "must be a duration such as 90s or 2m")
      .transform((value) => {
        if (/^\d+$/u.test(value)) return Number(value);
        return [...value.matchAll(/(\d+)(ms|s|m|h|d)/gu)].reduce(
          (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? "ms"] ?? 1),
          0,
        );
      }),
  ])
  .meta({ title: "duration" });

/** `512M`, `1.5GiB`, or a number of bytes; the result is in bytes. */
export const sizeBytes = z
  .union([
    z.number().nonnegative(),
    z.string().transform((value, context) => {
      const bytes = parseSize(value);
      if (bytes !== undefined) return bytes;
      context.addIssue({ code: "custom", message: "must be a size such as 512M or 2GiB" });
      return z.NEVER;
    }),
  ])
  .meta({ title: "size" });

/** One value or a list of them; always a list. */
export function oneOrMany<S extends z.ZodType<string>>(one: S): z.ZodType<readonly string[], z.input<S> | z.input<S>[]> {
  return z.union([one.transform((value) => [value]), z.array(one).min(1)]) as unknown as z.ZodType<
    readonly string[],
    z.input<S> | z.input<S>[]
  >;
}

/** User and group of `user:group`; an empty string = not said. */
export function splitOwner(value: string | undefined): { readonly user: string; readonly group: string } {
  const [user = "", group = ""] = (value ?? "").split(":");
  return { user, group };
}
