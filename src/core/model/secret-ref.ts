/** Stands in settings where a secret will be: a reference by name, never the value. */
export interface SecretRef {
  /** `deployment/barclamp.attribute`. */
  readonly secret: string;
}

/** Makes the reference of a deployment's secret. */
export function secretRef(deployment: string, barclamp: string, attribute: string): SecretRef {
  return { secret: `${deployment}/${barclamp}.${attribute}` };
}

/** True for a reference made by `secretRef`. */
export function isSecretRef(value: unknown): value is SecretRef {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && "secret" in value && typeof value.secret === "string" && value.secret.includes("/");
}
