/** The messages of a conversation, as a run takes them up. */
import * as Effect from "effect/Effect"
import type { ConversationError } from "./errors.js"
import type { Message } from "./inbox.js"
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

  get isStored(): boolean {
    return this.session !== undefined
  }

  get waiting(): ReadonlyArray<Message> {
    return this.session?.waiting().filter(({ id }) => !this.taken.has(id)) ?? []
  }

  /** Looks for messages that others stored since. A store that fails now may respond when the run appends. */
  get refreshed(): Effect.Effect<ReadonlyArray<Message>, ConversationError> {
    return this.session === undefined ? Effect.succeed([]) : this.session.refresh.pipe(
      Effect.catchTag("ConversationStoreError", () => Effect.void),
      Effect.map(() => this.waiting)
    )
  }

  take({ id }: Message): void {
    this.taken.add(id)
  }
}
