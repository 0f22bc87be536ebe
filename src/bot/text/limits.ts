/**
 * What Slack takes, and what we allow ourselves below that. Sources: the JSDoc of `@slack/types` 3.2 and
 * https://docs.slack.dev/reference/block-kit/blocks; the sum over all blocks is documented nowhere: messages were refused
 * (`msg_blocks_too_long`) from 11,341 characters on (https://github.com/slackapi/bolt-js/issues/2509), so ours stay well below.
 */
export const limits = {
  /** Top-level `text`: 40,000 are documented, 4,000 recommended. */
  text: 3000,
  /** Blocks of a message (Slack takes 50). */
  blocks: 20,
  /** Sum of the blocks of a message as JSON. */
  blocksJson: 9000,
  /** Blocks of a modal or a Home tab. */
  viewBlocks: 100,
  /** Sum of the blocks of a modal or a Home tab as JSON. */
  viewJson: 24_000,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  header: 150,
  contextElements: 10,
  contextText: 3000,
  actionElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  accessibilityLabel: 75,
  /** `action_id`, `block_id`, `callback_id`. */
  id: 255,
  modalTitle: 24,
  inputLabel: 2000,
  inputHint: 2000,
  placeholder: 150,
  privateMetadata: 3000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
} as const;
