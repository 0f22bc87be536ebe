const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** `512M`, `1.5GiB`, `20GB` or a plain number in bytes; undefined = not a size. `K M G T` are powers of 1024, `kB MB GB TB` of 1000. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/u.exec(text);
  const unit = match === null ? undefined : Object.hasOwn(unitBytes, match[2] ?? "") ? unitBytes[match[2] ?? ""] : undefined;
  if (unit === undefined) return undefined;
  const bytes = Number(match?.[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
