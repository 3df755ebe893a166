/** What Effect 3 and Effect 4 name differently. Anything beyond a name is a rule of `rules.ts` or a seam module. */

const http = [
  "Cookies",
  "FetchHttpClient",
  "Headers",
  "HttpBody",
  "HttpClient",
  "HttpClientError",
  "HttpClientRequest",
  "HttpClientResponse",
  "HttpIncomingMessage",
  "HttpServer",
  "HttpServerError",
  "HttpServerRequest",
  "HttpServerResponse",
  "UrlParams"
]

const httpApi = ["HttpApi", "HttpApiBuilder", "HttpApiEndpoint", "HttpApiGroup"]

const ai = [
  "AiError",
  "Chat",
  "EmbeddingModel",
  "LanguageModel",
  "Model",
  "Prompt",
  "Response",
  "Telemetry",
  "Tool",
  "Toolkit"
]

const cluster = ["ClusterWorkflowEngine", "RunnerAddress", "ShardingConfig", "SingleRunner"]

const workflow = ["Activity", "DurableClock", "DurableDeferred", "Workflow", "WorkflowEngine"]

/** Modules, by their names in Effect 3. */
export const modules: Readonly<Record<string, string>> = {
  ...Object.fromEntries(http.map((name) => [`@effect/platform/${name}`, `effect/http/${name}`])),
  ...Object.fromEntries(httpApi.map((name) => [`@effect/platform/${name}`, `effect/http-api/${name}`])),
  ...Object.fromEntries(cluster.map((name) => [`@effect/cluster/${name}`, `effect/cluster/${name}`])),
  ...Object.fromEntries(workflow.map((name) => [`@effect/workflow/${name}`, `effect/workflow/${name}`])),
  ...Object.fromEntries(ai.map((name) => [`@effect/ai/${name}`, `effect/ai/${name}`])),
  "@effect/platform-node/NodeContext": "@effect/platform-node/NodeServices",
  "@effect/platform/Error": "effect/PlatformError",
  "@effect/platform/FileSystem": "effect/FileSystem",
  "@effect/platform/HttpApp": "effect/http/HttpEffect",
  "@effect/platform/HttpLayerRouter": "effect/http/HttpRouter",
  "@effect/platform/KeyValueStore": "effect/persistence/KeyValueStore",
  "@effect/platform/Path": "effect/Path",
  "@effect/platform/SocketServer": "effect/socket/SocketServer",
  "@effect/platform/Terminal": "effect/Terminal",
  "@effect/sql/Migrator": "effect/sql/Migrator",
  "@effect/sql/SqlClient": "effect/sql/SqlClient",
  "@effect/sql/SqlError": "effect/sql/SqlError",
  "effect/Chunk": "effect/Array",
  "effect/ConfigError": "effect/Config",
  "effect/Either": "effect/Result",
  "effect/FastCheck": "fast-check",
  "effect/ParseResult": "effect/SchemaParser",
  "effect/TestClock": "effect/testing/TestClock",
  "effect/TestContext": "effect/testing/TestClock",
  // What benchmarks measure is built
  "../../dist/for-effect-3/index.js": "../../dist/for-effect-4/index.js"
}

/** Modules that tests have in a form of their own: see `imports` of effect4/package.json. */
export const testModules: Readonly<Record<string, string>> = {
  ...modules,
  "@effect/vitest": "#vitest",
  "effect/TestClock": "#TestClock",
  "effect/TestContext": "#TestClock"
}

/** Members of the modules of Effect 3: values, types and qualified types. */
export const members: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "@effect/platform-node/NodeHttpClient": { layer: "layerNodeHttp" },
  "@effect/platform/HttpApiBuilder": { api: "layer" },
  "@effect/platform/HttpBody": { unsafeJson: "jsonUnsafe" },
  "@effect/platform/HttpServerResponse": { unsafeJson: "jsonUnsafe" },
  "effect/Array": { isNonEmptyArray: "isArrayNonEmpty", isNonEmptyReadonlyArray: "isReadonlyArrayNonEmpty" },
  "effect/Cause": {
    failureOption: "findErrorOption",
    isDie: "hasDies",
    isInterrupted: "hasInterrupts",
    isInterruptedOnly: "hasInterruptsOnly"
  },
  "effect/Chunk": { isEmpty: "isReadonlyArrayEmpty", toArray: "fromIterable", toReadonlyArray: "fromIterable" },
  "effect/Config": { nonEmptyString: "NonEmptyString", redacted: "Redacted", string: "String" },
  "effect/Context": { "Tag.Service": "Service.Shape", GenericTag: "Service", Tag: "Service", unsafeMake: "makeUnsafe" },
  "effect/Deferred": { unsafeDone: "doneUnsafe" },
  "effect/Duration": {
    DurationInput: "Input",
    decode: "fromInputUnsafe",
    greaterThan: "isGreaterThan",
    greaterThanOrEqualTo: "isGreaterThanOrEqualTo",
    lessThan: "isLessThan",
    lessThanOrEqualTo: "isLessThanOrEqualTo"
  },
  "effect/Effect": {
    "Effect.Context": "Services",
    "Effect.Error": "Error",
    "Effect.Success": "Success",
    async: "callback",
    catchAll: "catch",
    catchAllCause: "catchCause",
    catchAllDefect: "catchDefect",
    contextWithEffect: "contextWith",
    either: "result",
    fork: "forkChild",
    forkDaemon: "forkDetach",
    mapInputContext: "updateContext",
    orElse: "catch",
    orElseFail: "mapError",
    timeoutFail: "timeoutOrElse",
    timeoutFailCause: "timeoutOrElse",
    tagMetrics: "withMetricAttributes",
    zipLeft: "tap",
    zipRight: "andThen"
  },
  "effect/Either": {
    Either: "Result",
    isLeft: "isFailure",
    isRight: "isSuccess",
    left: "fail",
    mapLeft: "mapError",
    right: "succeed"
  },
  "effect/Exit": { isInterrupted: "hasInterrupts" },
  "effect/Fiber": { RuntimeFiber: "Fiber" },
  "effect/Layer": {
    "Layer.Context": "Services",
    "Layer.Error": "Error",
    "Layer.Success": "Success",
    scoped: "effect",
    scopedContext: "effectContext",
    unwrapEffect: "unwrap",
    unwrapScoped: "unwrap"
  },
  "effect/Option": { fromNullable: "fromNullishOr" },
  "effect/Predicate": { isNotNullable: "isNotNullish", isNullable: "isNullish", isRecord: "isReadonlyObject" },
  "effect/Schema": {
    "Schema.All": "Top",
    "Schema.Any": "Top",
    "Schema.AnyNoContext": "Codec<any, any>",
    "Schema.Encoded": "Codec.Encoded",
    "Schema.Type": "Schema.Type",
    BigInt: "BigIntFromString",
    BigIntFromSelf: "BigInt",
    Date: "DateFromString",
    DateFromSelf: "Date",
    DateTimeUtc: "DateTimeUtcFromString",
    DateTimeUtcFromSelf: "DateTimeUtc",
    Defect: "Defect()",
    Enums: "Enum",
    NumberFromString: "FiniteFromString",
    Redacted: "RedactedFromValue",
    encode: "encodeEffect",
    encodeUnknown: "encodeUnknownEffect",
    Schema: "Codec",
    SymbolFromSelf: "Symbol",
    decode: "decodeEffect",
    decodeUnknown: "decodeUnknownEffect",
    decodeUnknownEither: "decodeUnknownResult",
    optionalElement: "optionalKey",
    parseJson: "fromJsonString"
  },
  "effect/Scope": { CloseableScope: "Closeable", extend: "provide" },
  "effect/TestContext": { TestContext: "layer()" },
  "schema/prelude": { Schema: "Codec" },
  "effect/Stream": {
    "Stream.Context": "Services",
    "Stream.Error": "Error",
    "Stream.Success": "Success",
    catchAll: "catch",
    catchAllCause: "catchCause",
    execute: "fromEffectDrain",
    fromChunk: "fromArray",
    fromChunks: "fromArrays",
    provideLayer: "provide",
    repeatEffect: "fromEffectRepeat",
    unwrapScoped: "unwrap"
  }
}

/** Members of values, such as clocks and fibers. No type says whose they are, so their names have to be rare. */
export const properties: Readonly<Record<string, string>> = {
  unsafeCurrentTimeMillis: "currentTimeMillisUnsafe",
  unsafeCurrentTimeNanos: "currentTimeNanosUnsafe",
  unsafeMap: "mapUnsafe",
  unsafePoll: "pollUnsafe"
}

/** Methods of values, with rare names. */
export const methods: Readonly<Record<string, string>> = { annotations: "annotate" }

/** Texts that say what a value is, in files that speak of a module. */
export const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "effect/Effect": { UnknownException: "UnknownError" },
  "effect/Either": { Left: "Failure", Right: "Success" }
}

/** Members of values of a module, in the files that import it. */
export const propertiesBeside: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "effect/Either": { left: "failure", right: "success" }
}

/** Members whose use means that a file speaks of another module: `Effect.either` returns an Either. */
export const speaksOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "effect/Effect": { either: "effect/Either" }
}
