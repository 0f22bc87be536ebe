import type { SecretPolicy, SecretSource } from "../../model/cluster.ts";
import type { NodeRoleId } from "../../model/ids.ts";

/** What may be shown of a secret: never its value. */
export interface SecretRow {
  /** `deployment/barclamp.attribute`. */
  readonly name: string;
  /** Where the cluster file says it comes from; null: it is sealed, and the cluster file does not name it any more. */
  readonly source: { readonly kind: SecretSource["kind"]; readonly from: string } | null;
  /** null: it was never needed yet. */
  readonly version: number | null;
  /** Older versions that are kept because something was made with them. */
  readonly older: readonly number[];
  /** Milliseconds since 1970; null where it is not known. */
  readonly madeAt: number | null;
  readonly madeBy: string | null;
  /** How the version came about: a kind of source, or `set` by a person. */
  readonly how: SecretSource["kind"] | "set" | null;
  /** Node-roles that use it, with the version that stands there; null: not applied, or not known. */
  readonly usedBy: readonly { readonly id: NodeRoleId; readonly version: number | null }[];
}

/** A secret has a new version. */
export interface SecretChange {
  readonly name: string;
  /** null: it had none. */
  readonly before: number | null;
  readonly version: number;
  /** Node-roles that will be told by the next plan and apply. */
  readonly usedBy: readonly NodeRoleId[];
}

/** Somebody for whom the secrets are sealed. */
export interface RecipientRow {
  readonly id: string;
  readonly recipient: string;
  readonly kind: "native" | "post-quantum" | "tag" | "passphrase";
  readonly label: string;
  readonly at: number;
  readonly by: string;
  /** The key of this user on this machine. */
  readonly own: boolean;
}

/** Those for whom the secrets are sealed. */
export interface RecipientRows {
  /** The recipient of this user on this machine, on the list or not. */
  readonly own: string;
  readonly recipients: readonly RecipientRow[];
  /** Records that were sealed anew by what was just done. */
  readonly resealed: number;
}

/** What front ends can do with the secrets of a cluster. Values come in by standard input or a hidden prompt, and never go out. */
export interface SecretDesk {
  list(): Promise<readonly SecretRow[]>;
  /** Takes a value from standard input, or asks for it. Problems: `SECRET_UNKNOWN`, `SECRET_ELSEWHERE`, `SECRET_UNFIT`, `SECRET_MISSING`, `NOT_A_RECIPIENT`. */
  set(name: string): Promise<SecretChange>;
  /** Makes the first value; what the policy leaves out comes from the cluster file. Problems: `SECRET_UNKNOWN`, `SECRET_ELSEWHERE`, `SECRET_EXISTS`, `VALUE_INVALID`. */
  generate(name: string, policy: Partial<SecretPolicy>): Promise<SecretChange>;
  /** Makes the next version of each: a new random value, or what the source gives now. Problems: `SECRET_UNKNOWN`, `SECRET_UNCHANGED`, and those of sources; all names are judged first. */
  rotate(names: readonly string[]): Promise<readonly SecretChange[]>;
  recipients(): Promise<RecipientRows>;
  /**
   * Seals everything for one more: an age recipient, `own` (this user's key), or `passphrase`, which is asked for. `opener` (a file with an age
   * identity, or `passphrase`) opens the secrets where the own key does not. Problems: `RECIPIENT_INVALID`, `SECRET_UNREADABLE`, `SECRET_UNFIT`.
   */
  admit(recipient: string, about: { readonly label?: string; readonly opener?: string }): Promise<RecipientRows>;
  /** Seals everything without this one. Problems: `RECIPIENT_INVALID`, `RECIPIENT_NEEDED`. */
  expel(idOrRecipient: string): Promise<RecipientRows>;
}
