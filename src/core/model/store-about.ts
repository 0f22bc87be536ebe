/** A setting of a store's server under which something that was acknowledged can be lost. */
export interface StoreRisk {
  /** The setting as it is: `appendfsync everysec`. */
  readonly setting: string;
  /** What would be lost, and when. */
  readonly loses: string;
  /** How it should be. */
  readonly better: string;
}

/** What can be told about a store. */
export type StoreAbout =
  | { readonly kind: "embedded"; readonly where: string }
  | {
      readonly kind: "redis";
      /** The address as it may be shown. */
      readonly where: string;
      readonly version: string;
      readonly risks: readonly StoreRisk[];
      /** Settings that this user may not read, so that nothing can be said about them. */
      readonly unseen: readonly string[];
    };
