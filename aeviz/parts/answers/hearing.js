// What Python answers to a part whose handle it only hears of: the same data, with the handle where the hand left it.

/**
 * @param {string} event what the part sends
 * @param {string} field of its data that says where the handle stands
 * @returns {import("../hosts/lesson.js").Answers}
 */
export const hearing =
  (event, field) =>
  ({ parts }) =>
  (key, name, value) => {
    const part = parts.get(key);
    if (name === event) part?.update({ ...part.data, [field]: value });
  };
