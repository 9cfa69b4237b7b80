// What Python answers on Compare, where none is there: nothing, for its part asks nothing.

export const compare = () => () => {};
