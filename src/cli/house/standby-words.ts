/** How often a starter tells its standby that it lives, ms. */
export const beatEveryMs = 2_000;

/** Lines from a starter to its standby; an empty one says no more than that it lives. */
export const standbyWords = { begin: "begin", dismiss: "dismiss" } as const;
