/**
 * A text from outside as one that is safe to print: control characters and those that change the direction of what
 * follows could change what a terminal or a page shows. Line breaks and tabs stay.
 *
 * @internal
 */
export const printable = (text: string): string => text.replace(/\r\n?/g, "\n").replace(unprintable, " ")

const unprintable = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * The same as one line without blanks around it.
 *
 * @internal
 */
export const printableLine = (text: string): string => printable(text).replace(/\s+/g, " ").trim()
