// Answers, one line of JSON each, to calls of functions of ES modules: see conftest.py beside it.

import { Console } from "node:console";
import { createInterface } from "node:readline";

globalThis.console = new Console(process.stderr); // the answers have stdout to themselves

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
};

const entries = (value, change) => Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));

function revived(value) {
  if (Array.isArray(value)) return value.map(revived);
  if (!value || typeof value !== "object") return value;
  if (!value.__array__) return entries(value, revived);
  const { dtype, bytes } = value.__array__;
  return new ARRAYS[dtype](Uint8Array.from(Buffer.from(bytes, "base64")).buffer);
}

// JSON has no NaN and no infinity: they travel by name.
function plain(value) {
  if (typeof value === "number" && !Number.isFinite(value)) return { __number__: String(value) };
  if (ArrayBuffer.isView(value) || value instanceof Set) return Array.from(value, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return entries(Object.fromEntries(value), plain);
  if (value && Object.getPrototypeOf(value) === Object.prototype) return entries(value, plain);
  return value ?? null;
}

async function answer({ module, name, source, values }) {
  const exports = await import(module);
  const given = values.map(revived);
  if (source) return new Function(`return (${source});`)()(exports, ...given);
  if (typeof exports[name] !== "function") throw new Error(`the module exports no function ${name}`);
  return exports[name](...given);
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).then(
    (value) => ({ value: plain(value) }),
    (error) => ({ error: error.stack ?? String(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
