import { principalText } from "../../core/authority/principal.ts";
import { fail, hasCode } from "../../core/errors.ts";
import { digestOf } from "../../core/plan/canonical.ts";
import type { Clock, Json, Store } from "../../core/ports.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { Place } from "../send/sender.ts";
import { principalOf, type Question } from "./dispatch.ts";

const collection = "slack-questions";
const openMs = 10 * 60_000;

/** A question that was put and waits for its yes. Everything that decides is here or read anew; the button carries only the id. */
export interface OpenQuestion {
  readonly cluster: string;
  readonly command: string;
  readonly args: Readonly<Record<string, Json>>;
  readonly digest: string;
  readonly principal: string;
  readonly to: Place;
  /** Only this, typed, is a yes; absent = a press is. */
  readonly typed?: string;
  readonly at: number;
}

/** Questions that wait, for all instances. */
export interface Questions {
  /** Keeps a question for ten minutes; `key` is unique per human act. Gives its id. */
  keep(question: Question, cluster: string, caller: SlackCaller, to: Place, key: string): Promise<string>;
  /** Looks at a question without answering it. @throws `CHAT_QUESTION_GONE`, `CHAT_QUESTION_NOT_YOURS`. */
  look(id: string, caller: SlackCaller): Promise<OpenQuestion>;
  /** Takes a question for its one answer: whoever comes second finds it gone. @throws `CHAT_QUESTION_GONE`, `CHAT_QUESTION_NOT_YOURS`. */
  take(id: string, caller: SlackCaller): Promise<OpenQuestion>;
}

/** Questions in the store. Arguments that are secret stay in this process. */
export function createQuestions(store: Store, clock: Clock): Questions {
  const secrets = new Map<string, { readonly args: OpenQuestion["args"]; readonly at: number }>();
  const read = async (id: string, caller: SlackCaller): Promise<{ readonly question: OpenQuestion; readonly rev: number }> => {
    const doc = await store.get<Json>(collection, id);
    const question = doc?.value as unknown as OpenQuestion | undefined;
    if (doc === undefined || question === undefined || clock.now() - question.at > openMs) throw gone();
    if (question.principal !== principalText(principalOf(caller)))
      throw fail("CHAT_QUESTION_NOT_YOURS", { message: "This question was put to somebody else." });
    const kept = secrets.get(id);
    return { question: kept === undefined ? question : { ...question, args: { ...question.args, ...kept.args } }, rev: doc.rev };
  };
  return {
    async keep(question, cluster, caller, to, key) {
      const now = clock.now();
      for (const [old, { at }] of secrets) if (now - at > openMs) secrets.delete(old);
      await forgetOld(store, now);
      const principal = principalText(principalOf(caller));
      const id = digestOf([question.digest, principal, key]).slice("sha256:".length, "sha256:".length + 24);
      const { definition, args, digest, confirmation } = question;
      const typed = confirmation.typed === undefined ? {} : { typed: confirmation.typed };
      const hidden = new Set(definition.secretArgs);
      const pick = (secret: boolean): OpenQuestion["args"] =>
        Object.fromEntries(
          Object.entries(args).filter(([name, value]) => value !== undefined && hidden.has(name) === secret),
        ) as OpenQuestion["args"];
      if (hidden.size > 0) secrets.set(id, { args: pick(true), at: now });
      const value: OpenQuestion = { cluster, command: definition.id, args: pick(false), digest, principal, to, ...typed, at: now };
      try {
        await store.put(collection, id, value as unknown as Json, 0);
      } catch (error) {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error; // the same act, delivered twice
      }
      return id;
    },
    look: async (id, caller) => (await read(id, caller)).question,
    async take(id, caller) {
      const { question, rev } = await read(id, caller);
      try {
        await store.delete(collection, id, rev);
      } catch (error) {
        if (hasCode(error, "VERSION_CONFLICT")) throw gone();
        throw error;
      }
      secrets.delete(id);
      return question;
    },
  };
}

function gone(): Error {
  return fail("CHAT_QUESTION_GONE", { message: "This question is not open any more." });
}

async function forgetOld(store: Store, now: number): Promise<void> {
  for (const { key, value, rev } of await store.list<Json>(collection)) {
    if (now - (value as unknown as OpenQuestion).at <= openMs) continue;
    await store.delete(collection, key, rev).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    });
  }
}
