/**
 * The labels of metrics admit 200 models in a process, and files of a worker share their modules. Files that read metrics
 * begin with modules of their own, because the files before them may have used up these labels.
 */
import { expect, vi } from "vitest"

if (/telemetry/i.test(expect.getState().testPath ?? "")) vi.resetModules()
