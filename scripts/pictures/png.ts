import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");

/** Draws an SVG picture with the fonts that come with the project, so that it looks the same on every machine. */
export function pngOf(svg: string): Buffer {
  const files = ["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"].map((name) => join(fonts, name));
  for (const file of files) readFileSync(file); // a font that is missing would only leave the text out
  const image = new Resvg(svg, { font: { fontFiles: files, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans Mono" } });
  return image.render().asPng();
}
