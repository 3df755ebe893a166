/** Builds the response of an image generation from its events. */
import { type Fields, latest } from "./json.js"

export const isEnd = (event: Fields): boolean => event["type"] === "image_generation.completed"

export const wholeImages = (events: ReadonlyArray<Fields>): Fields => {
  const finished = events.filter(isEnd)
  const { created, usage } = latest(finished)
  return {
    created,
    usage,
    data: finished.map((event) => ({ b64_json: event["b64_json"], media_type: event["media_type"] }))
  }
}
