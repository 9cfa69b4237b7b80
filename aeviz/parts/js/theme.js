// The colours and the font of the page a part stands in, which its host gives as custom properties.

/**
 * Ink, background, background of a panel, lines, accent and font, as CSS has them.
 * @typedef {{ text: string, ground: string, panel: string, edge: string, primary: string, font: string }} Theme
 */

/** @type {(keyof Theme)[]} */
const NAMES = ["text", "ground", "panel", "edge", "primary", "font"];

/**
 * What they are at this moment.
 * @param {HTMLElement} element
 */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const theme = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return /** @type {Theme} */ (theme);
}
