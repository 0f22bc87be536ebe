interface LockFile {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export function gapsOf(lock: LockFile): readonly (readonly [string, Readonly<Record<string, unknown>>])[];
export function completed<T extends LockFile>(lock: T): T;
