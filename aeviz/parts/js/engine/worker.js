// A worker's whole text: the engine, away from the page.

import { Jobs } from "./jobs.js";

const jobs = new Jobs((message, buffers) => globalThis.postMessage(message, { transfer: buffers }));
globalThis.onmessage = (event) => jobs.receive(event.data);
