// When a part that answers to a moving hand may send what it has.

const MESSAGE_INTERVAL_MS = 125; // ms between two messages while the hand moves
const ANSWER_TIMEOUT_MS = 5000; // ms after which an answer is no longer waited for

// Whether to send, wait or do nothing while the hand moves. Times in ms.
export function liveStep({ now, sentAt, dirty, underWay }) {
  if (!dirty) return "rest";
  if (underWay && now - sentAt < ANSWER_TIMEOUT_MS) return "wait";
  return now - sentAt >= MESSAGE_INTERVAL_MS ? "send" : "wait";
}

// The app is asked as well: our answer comes while the script still works on what follows the part.
export function underWay(part) {
  const app = document.querySelector("[data-testid='stApp']");
  return part.number !== part.answered || app?.dataset.testScriptState === "running";
}
