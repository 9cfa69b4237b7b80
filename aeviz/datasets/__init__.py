"""Where items come from: the record of a data set, the bundled and published ones, arrays in memory."""
