/** Formats that can be imported. Apart from their readers, so that the command line can name them without loading those. */
export const importFormats = ["ansible", "ssh-config", "csv", "kolla"] as const;

/** One of `importFormats`. */
export type ImportFormat = (typeof importFormats)[number];
