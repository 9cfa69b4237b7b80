// Work that follows a hand, once a frame. A pointer that speaks seldom leaves the browser waiting for its next frame: then
// the work is done meanwhile, and the frame has only to show it.

const SPARSE_MS = 6; // ms between two events: of a pointer that speaks more often, the last event before a frame counts

export class Following {
  /** @param {() => unknown} act */
  constructor(act) {
    this.act = act;
    /** @type {number | null} */
    this.frame = null;
    this.heard = -Infinity; // when the pointer spoke last, in ms
    this.took = 0; // ms of the last work
  }

  /**
   * The pointer has moved, as `pointerrawupdate` says before the frame comes; not all browsers do.
   * @param {Pick<Event, "timeStamp">} event
   */
  ahead({ timeStamp }) {
    const since = timeStamp - this.heard;
    this.heard = timeStamp;
    if (since >= SPARSE_MS + this.took) this.run();
    else this.ask();
  }

  ask() {
    this.frame ??= requestAnimationFrame(() => this.run());
  }

  run() {
    this.stop();
    const began = performance.now();
    this.act();
    this.took = performance.now() - began;
  }

  stop() {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
  }
}
