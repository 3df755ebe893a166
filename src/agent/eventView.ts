/** What another floor needs to read events one by one, and the entries of a conversation. */
export { failureMessage } from "./internal/failureMessage.js"
export { callIds, readTurn } from "./internal/state/history.js"
export { apiEvent } from "./internal/views/apiEvents.js"
export { itemsOf } from "./internal/views/deltas.js"
export { ItemIndex } from "./internal/views/items.js"
