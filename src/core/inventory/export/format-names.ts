/** Formats that can be exported. Apart from their writers, so that the command line can name them without loading those. */
export const exportFormats = ["ansible", "ansible-yaml", "ssh-config", "csv", "json", "markdown"] as const;

/** One of `exportFormats`. */
export type ExportFormat = (typeof exportFormats)[number];
