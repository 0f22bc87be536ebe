import { fail } from "../errors.ts";
import type { SecretPolicy } from "./cluster.ts";

/** Alphabets of generated secrets by name. `ascii`: all that can be seen, without the space. */
const alphabets: Readonly<Record<SecretPolicy["alphabet"], string>> = {
  alnum: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  ascii: Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join(""),
  hex: "0123456789abcdef",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/** Names of the alphabets. */
export const alphabetNames = ["alnum", "ascii", "hex", "base64url"] as const satisfies readonly SecretPolicy["alphabet"][];

/** Bounds of the length of a generated secret, in characters. */
export const generatedLength = { least: 8, most: 1024 } as const;

/** A secret is at least so many bytes long: shorter ones cannot be told from other text, so they could not be taken out of logs. */
const shortestBytes = 4;
/** A secret is at most so many bytes long. */
export const longestBytes = 65_536;

/** Kinds of characters: lower case, upper case, digits, others. */
const classes = [/[a-z]/u, /[A-Z]/u, /[0-9]/u, /[^A-Za-z0-9]/u];

/** What is made where nothing else is said. */
export const defaultPolicy: SecretPolicy = { length: 32, alphabet: "alnum", minClasses: 1 };

/** How many kinds of characters an alphabet has: the most that `minClasses` may ask for. */
export function classesOf(alphabet: SecretPolicy["alphabet"]): number {
  return classCount(alphabets[alphabet]);
}

/**
 * A random text that keeps to a policy; `draw(n)` gives a random whole number below n. Every text that keeps to the policy is equally likely:
 * one that does not is drawn again as a whole.
 */
export function generateText({ length, alphabet, minClasses }: SecretPolicy, draw: (below: number) => number): string {
  const letters = alphabets[alphabet];
  const least = Math.min(minClasses, classesOf(alphabet), length);
  for (;;) {
    const text = Array.from({ length }, () => letters[draw(letters.length)]).join("");
    if (classCount(text) >= least) return text;
  }
}

/**
 * Refuses what cannot be a secret.
 * @throws `SECRET_UNFIT`; the message tells what is wrong, never the value.
 */
export function checkSecretText(value: string, what: string): void {
  const bytes = new TextEncoder().encode(value).length;
  const wrong =
    bytes < shortestBytes
      ? `has ${bytes} ${bytes === 1 ? "byte" : "bytes"}; the least is ${shortestBytes}`
      : bytes > longestBytes
        ? `has more than ${longestBytes} bytes`
        : value.includes("\0")
          ? "holds a NUL byte"
          : value.includes("\uFFFD")
            ? "is not text in UTF-8"
            : undefined;
  if (wrong !== undefined) throw fail("SECRET_UNFIT", { message: `The ${what} ${wrong}.` });
}

function classCount(text: string): number {
  return classes.filter((each) => each.test(text)).length;
}
