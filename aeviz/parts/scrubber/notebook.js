// The scrubber in a notebook: the widget's `t` is where the handle rests.

/** @type {import("../hosts/anywidget.js").Face} */
export const face = {
  names: ["t"],
  shown: (data, { t }) => ({ ...data, t }),
  heard: (name, t) => (name === "t" ? { t } : null),
};
