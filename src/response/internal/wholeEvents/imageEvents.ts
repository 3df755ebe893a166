import { arrayAt, defined, isObject } from "../../../internal/json.js"
import { guard } from "../../../schema/guard.js"
import { ImageGenerationResponse, ImageStreamEvent } from "../../../schema/Images.js"
import { type EventsOf, eventsOf } from "./eventsOf.js"

/**
 * The images of a response as one event each.
 *
 * @internal
 */
export const imageEvents: EventsOf<ImageStreamEvent> = eventsOf(
  guard(ImageGenerationResponse),
  guard(ImageStreamEvent),
  ({ created, usage, ...body }) => {
    const images = arrayAt(body, "data")
    return images.map((image, index) =>
      defined({
        type: "image_generation.completed",
        created: created ?? 0,
        ...(isObject(image) ? image : {}),
        usage: index === images.length - 1 ? usage : undefined
      })
    )
  }
)
