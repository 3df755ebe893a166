/**
 * Where models run: the providers' endpoints with their prices, limits and health.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Endpoints.js"
