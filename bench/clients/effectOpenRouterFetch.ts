import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { makeClient } from "./effectOpenRouter.js"

export const client = makeClient(FetchHttpClient.layer)
