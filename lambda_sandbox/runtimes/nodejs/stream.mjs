// The stream that a streaming handler writes to. The sandbox buffers: it is sent when it is complete.

import { Writable } from "node:stream";

export class ResponseStream extends Writable {
  #chunks = [];
  #begun = false;
  contentType = "application/octet-stream";

  setContentType(contentType) {
    if (this.#begun) throw new Error("Cannot set content-type, too late.");
    this.contentType = contentType;
  }

  write(chunk, ...rest) {
    const isBytes = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  _write(chunk, _encoding, done) {
    if (!this.#begun) this._onBeforeFirstWrite?.((first) => this.#chunks.push(Buffer.from(first)));
    this.#begun = true;
    this.#chunks.push(chunk);
    done();
  }

  get body() {
    return Buffer.concat(this.#chunks);
  }
}
