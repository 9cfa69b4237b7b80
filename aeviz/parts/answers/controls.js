// Controls of a page of one file that in aeviz stand beside the parts: plain elements, in the page's own look.

/**
 * Put an element on the page among a section's parts: before the part of a key, or behind
 * all where there is none of it.
 * @param {HTMLElement} element of the section
 * @param {string} key
 * @param {string} kind its class
 * @param {string} name by which `#hide=` leaves it out
 * @param {(HTMLElement | string)[]} content
 */
function placed(element, key, kind, name, content) {
  const made = document.createElement("div");
  made.className = kind;
  made.dataset.name = name;
  made.append(...content);
  element.querySelector(".parts")?.insertBefore(made, element.querySelector(`.slot[data-key="${key}"]`));
  return made;
}

/**
 * A row of controls before a part.
 * @param {HTMLElement} element
 * @param {string} key
 * @param {string} name
 * @param {(HTMLElement | string)[]} controls
 */
export const rowBefore = (element, key, name, controls) => placed(element, key, "controls", name, controls);

/**
 * A framed place before a part, as parts have one.
 * @param {HTMLElement} element
 * @param {string} key
 * @param {string} name
 * @param {(HTMLElement | string)[]} content
 */
export const slotBefore = (element, key, name, content) => placed(element, key, "slot", name, content);

/**
 * @param {string} text
 * @param {() => void} act
 */
export function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.onclick = act;
  return made;
}

/**
 * A seed to be read and set, and a button that takes the next one.
 * @param {string} text of the button
 * @param {number} start
 * @param {(seed: number) => void} act
 */
export function seedControl(text, start, act) {
  const most = 9999;
  const [label, input] = [document.createElement("label"), document.createElement("input")];
  Object.assign(input, { type: "number", min: "0", max: String(most), step: "1", value: String(start) });
  label.append("Seed ", input);
  let seed = start;
  const take = (/** @type {number} */ next) => {
    seed = next;
    input.value = String(seed);
    act(seed);
  };
  input.onchange = () => {
    const asked = Math.round(Number(input.value));
    take(Number.isFinite(asked) ? Math.min(most, Math.max(0, asked)) : seed);
  };
  return [label, button(text, () => take((seed + 1) % (most + 1)))];
}

/**
 * A choice among names.
 * @param {string} text
 * @param {string[]} names
 * @param {(number: number) => void} act
 */
export function choice(text, names, act) {
  const [label, select] = [document.createElement("label"), document.createElement("select")];
  select.append(...names.map((name, i) => new Option(name, String(i))));
  select.onchange = () => act(Number(select.value));
  label.append(text, " ", select);
  return { label, select };
}
