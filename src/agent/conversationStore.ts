/** What a store of conversations on another floor is made of: the stored form of an append, and its errors. */
export { conflict, noDigest } from "./internal/conversation/errors.js"
export { encode, logOf, missing, removedText } from "./internal/conversation/stores/document.js"
