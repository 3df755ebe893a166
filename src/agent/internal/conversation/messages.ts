/** The messages of a conversation, as a run takes them up. */
import * as Effect from "effect/Effect"
import type { ToolRecord } from "../run.js"
import type { ConversationError } from "./errors.js"
import type { StoredGrant } from "./grants.js"
import { type Message, resultMessage } from "./inbox.js"
import type { Session } from "./session.js"

/**
 * The messages of a run's conversation. `beginTask` says whether the next ones begin a task: the run has nothing else to do.
 *
 * @internal
 */
export class Messages {
  /** What the run took up. It is stored with the response of its turn, so a run that fails before leaves it waiting. */
  private readonly taken = new Set<string>()

  constructor(private readonly session: Session | undefined, public beginTask: boolean) {}

  /** The results of calls in the background, if no conversation keeps them. */
  private readonly results: Array<Message> = []

  get isStored(): boolean {
    return this.session !== undefined
  }

  get waiting(): ReadonlyArray<Message> {
    return (this.session?.waiting() ?? this.results).filter(({ id }) => !this.taken.has(id))
  }

  /** The approvals that hold for later calls. A run inside of a tool has none. */
  get grants(): ReadonlyArray<StoredGrant> {
    return this.session?.grants() ?? []
  }

  /** The calls in the background that somebody cancelled. */
  get cancelled(): ReadonlySet<string> {
    return this.session?.cancelled() ?? none
  }

  /** The result of a call in the background is a message, too. The log has it when it is recorded. */
  settle(record: ToolRecord): void {
    if (this.session === undefined) this.results.push(resultMessage(record))
  }

  /** Looks for messages that others stored since. A store that fails now may respond when the run appends. */
  get refreshed(): Effect.Effect<ReadonlyArray<Message>, ConversationError> {
    return this.session === undefined ? Effect.sync(() => this.waiting) : this.session.refresh.pipe(
      Effect.catchTag("ConversationStoreError", () => Effect.void),
      Effect.map(() => this.waiting)
    )
  }

  take({ id }: Message): void {
    this.taken.add(id)
  }
}

const none: ReadonlySet<string> = new Set()
