/** Our sentences for the fields of requests and responses. Each file has those of one area. */
import type { FieldTables } from "../fieldDocs.js"
import { chat } from "./chat.js"
import { management } from "./management.js"
import { managementKeys } from "./managementKeys.js"
import { managementMachines } from "./managementMachines.js"
import { managementTracing } from "./managementTracing.js"
import { media } from "./media.js"
import { messages } from "./messages.js"
import { messagesBlocks } from "./messagesBlocks.js"
import { models } from "./models.js"
import { responses } from "./responses.js"
import { responsesEvents } from "./responsesEvents.js"
import { responsesItems } from "./responsesItems.js"
import { responsesServerTools } from "./responsesServerTools.js"
import { routing } from "./routing.js"
import { shared } from "./shared.js"
import { statistics } from "./statistics.js"
import { videos } from "./videos.js"

export const fieldDocs: FieldTables = {
  shared,
  own: {
    chat,
    responses,
    responsesEvents,
    responsesItems,
    responsesServerTools,
    messages,
    messagesBlocks,
    media,
    videos,
    models,
    statistics,
    management,
    managementKeys,
    managementMachines,
    managementTracing,
    routing
  }
}
