/** What servers on another floor answer to an error. */
export { httpStatus, retryAfterSeconds } from "./internal/httpStatus.js"
