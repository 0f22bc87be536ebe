import type { Respond } from "../inbound/tell.ts";
import { fitMessage } from "../text/fit.ts";

/** Posts JSON to an address that came with an envelope of Slack; false where that did not succeed. */
export type PostJson = (url: string, body: object) => Promise<boolean>;

/** Answers by the address that came with an envelope, for the eyes of whoever acted. It may be used five times within half an hour. */
export function createRespond(post: PostJson): Respond {
  return async (url, message, replace = false) => {
    const { text, blocks } = fitMessage(message);
    return await post(url, { response_type: "ephemeral", replace_original: replace, text, blocks });
  };
}
