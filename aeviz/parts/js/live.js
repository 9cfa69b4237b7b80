// What pads to draw on have in common: their keys, the steps of their hand, and when they may send while it moves.

/**
 * @typedef {object} Pad
 * @property {boolean} live whether it sends while the hand moves
 * @property {number} number of the last message
 * @property {number} answered number of the last that was answered
 * @property {number} sentAt when it was sent, in ms
 * @property {boolean} dirty whether something has changed since
 * @property {() => boolean} busy
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

const MESSAGE_INTERVAL_MS = 125; // ms between two messages while the hand moves
const ANSWER_TIMEOUT_MS = 5000; // ms after which an answer is no longer waited for
const POLL_MS = 25; // ms between two looks whether it may send

/**
 * Whether to send, wait or do nothing while the hand moves. Times in ms.
 * @param {{ now: number, sentAt: number, dirty: boolean, underWay: boolean }} facts
 */
export function liveStep({ now, sentAt, dirty, underWay }) {
  if (!dirty) return "rest";
  if (underWay && now - sentAt < ANSWER_TIMEOUT_MS) return "wait";
  return now - sentAt >= MESSAGE_INTERVAL_MS ? "send" : "wait";
}

/**
 * Send what has changed as soon as it may be, for as long as `moving()`. The host is asked as well as the answer counted:
 * that comes while Python still works on what follows the pad.
 * @param {Pad} pad
 * @param {() => boolean} moving
 * @param {() => void} send
 */
export function sendLive(pad, moving, send) {
  clearTimeout(pad.timer);
  if (!pad.live || !moving()) return;
  const { sentAt, dirty } = pad;
  const underWay = pad.number !== pad.answered || pad.busy();
  const step = liveStep({ now: performance.now(), sentAt, dirty, underWay });
  if (step === "send") send();
  if (step !== "rest") pad.timer = setTimeout(() => sendLive(pad, moving, send), POLL_MS);
}

/**
 * All places a pointer has been at since its last event, which come together.
 * @param {PointerEvent} event
 */
export function stepsOf(event) {
  const steps = event.getCoalescedEvents?.() ?? [];
  return steps.length ? steps : [event];
}

/**
 * The keys of a pad: those that undo and clear by `act`, and on its `board` those that `key(event)` says it knows.
 * @param {{ root: HTMLElement, pointer: number | null }} pad
 * @param {HTMLElement} board
 * @param {(action: "undo" | "clear") => void} act
 * @param {(event: KeyboardEvent) => boolean} key
 */
export function listenToKeys(pad, board, act, key) {
  pad.root.onkeydown = (event) => {
    const command = event.ctrlKey || event.metaKey;
    let known = true;
    if (command && event.key.toLowerCase() === "z" && !event.shiftKey) act("undo");
    else if (event.key === "Delete" || event.key === "Backspace") act("clear");
    else known = !command && event.target === board && pad.pointer === null && key(event);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation(); // the page may have shortcuts of its own
  };
}
