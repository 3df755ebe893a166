/**
 * The marks between which models write their reasoning if their provider does not separate it from the response. The
 * opening mark is often a part of the prompt, so that the text has the closing one alone.
 */
const names = "think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratch_?pad"
const opening = new RegExp(
  `^\\s*(?:<(?:${names})>|\\[THINK\\]|◁think▷|<\\|begin_of_thought\\|>|<\\|channel\\|>analysis<\\|message\\|>)`,
  "i"
)
const closing = new RegExp(
  `</(?:${names})>|\\[/THINK\\]|◁/think▷|<\\|end_of_thought\\|>|<\\|channel\\|>final<\\|message\\|>`,
  "gi"
)

/**
 * The position where the reasoning within a text ends: 0 if there is none, the length of the text if nothing follows
 * it. A mark within one of the JSON values of the text is a part of that value.
 *
 * @internal
 */
export const afterReasoning = (
  text: string,
  values: ReadonlyArray<{ readonly start: number; readonly end: number }>
): number => {
  let end = 0
  let next = 0
  for (const { 0: mark, index } of text.matchAll(closing)) {
    while ((values[next]?.end ?? Infinity) <= index) next++
    if (index < (values[next]?.start ?? Infinity)) end = index + mark.length
  }
  return opening.test(text.slice(end)) ? text.length : end
}
