import type { Deprecation } from "../model/barclamp.ts";
import type { RoleFile } from "../model/barclamp-file.ts";

/** `deprecated` of an attribute or a role, as written. */
export function loadDeprecation(written: RoleFile["deprecated"]): { readonly deprecated?: Deprecation } {
  if (written === undefined) return {};
  const { since, use, why } = written;
  return { deprecated: { since, why, ...(use === undefined ? {} : { use }) } };
}
