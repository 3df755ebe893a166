/** Whatever goes wrong on the way, each call ends in the one way that the tables say, and leaves nothing behind. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { suite } from "./support/suite.js"

suite("fetch", FetchHttpClient.layer)
