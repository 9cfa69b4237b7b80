// A kind of damage at work: the damaged item and each repair of it at each stop of a dial, made as they are looked at.

import { unpack } from "../js/common.js";
import { networkOf, Tiles } from "../js/networks.js";
import { bestOf, decibels, isWhole, JUDGED, squaredError, told } from "./judging.js";
import { restored } from "./restoring.js";

/**
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("../dial/dial.js").Data} DialData
 * @typedef {import("./judging.js").Judge} Judge
 * @typedef {{ label: string, network: string | null, scores: Packed | null,
 *   holes: Packed | null }} Row scores: (stops, judges) of what was made before; null of what is made here
 * @typedef {{ name: string, label: string, live: boolean, known: boolean, dial: DialData, rows: Row[],
 *   hidden: Packed | null, damaged: Packed | null }} Kind hidden, damaged: (stops, C, H, W)
 * @typedef {{ item: Packed, tile: import("../js/networks.js").Tile | null, judges: Judge[], kinds: Kind[], chosen: string,
 *   keep: boolean, words: { noun: string, value: string },
 *   brush: { kind: string, painted: number, mask: Packed | null } | null }} Facts
 */

const CLEAN = 1; // the panel of the clean item, which is no row

export class Trial {
  /**
   * @param {Facts} facts
   * @param {Kind} kind
   * @param {boolean} keep whether what is known is put back
   */
  constructor(facts, kind, keep) {
    this.kind = kind;
    this.keep = keep;
    this.judges = facts.judges;
    this.value = facts.words.value;
    this.item = unpack(facts.item);
    this.shape = facts.item.shape;
    this.tiles = facts.tile && new Tiles(facts.tile);
    const { axes, place, panels } = kind.dial;
    const sizes = [...axes.map(({ stops }) => stops.length), ...(place ? [place.rows, place.columns] : [])];
    this.count = sizes.reduce((a, b) => a * b, 1);
    this.places = this.count / sizes[0];
    this.hidden = kind.hidden && unpack(kind.hidden);
    this.damaged = kind.damaged && unpack(kind.damaged);
    this.rows = kind.rows.map((row) => this.begun(row));
    this.made = new Uint8Array(this.count);
    /** @type {DialData} */
    this.data = { ...kind.dial, panels: panels.map((panel, i) => this.panel(panel, i)), chart: this.chart() };
    if (!kind.live) for (let stop = 0; stop < this.count; stop++) this.tell(stop);
  }

  /** @param {Row} row */
  begun({ label, network, scores, holes }) {
    const own = !scores;
    return {
      label,
      network,
      own,
      problem: "",
      sheet: own ? this.tiles?.sheet(this.count, Math.ceil(Math.sqrt(this.count))) : undefined,
      scores: scores ? unpack(scores) : new Float32Array(this.count * this.judges.length).fill(NaN),
      holes: holes ? unpack(holes) : new Float32Array(this.count).fill(NaN),
    };
  }

  /**
   * @param {import("../dial/dial.js").Panel} panel
   * @param {number} number
   */
  panel(panel, number) {
    if (number === CLEAN) return panel;
    const { sheet } = this.rows[number ? number - 1 : 0];
    const make = number ? {} : { make: (/** @type {number} */ stop) => this.make(stop) };
    const notes = new Array(this.count).fill("");
    return { ...panel, notes, sheet: sheet ? Object.assign(sheet, make) : panel.sheet };
  }

  chart() {
    const { chart } = this.kind.dial;
    if (!chart) return null;
    const lines = chart.lines.map((line, row) => ({
      ...line,
      values: this.rows[row].own ? new Array(this.count).fill(null) : line.values,
    }));
    return { ...chart, lines };
  }

  // What was made has to be made anew.
  forget() {
    this.made.fill(0);
  }

  /** @param {number} stop */
  hiddenAt(stop) {
    const size = this.item.length;
    return this.hidden?.slice(stop * size, (stop + 1) * size) ?? null;
  }

  /** @param {number} stop */
  damagedAt(stop) {
    const [size, hidden] = [this.item.length, this.hiddenAt(stop)];
    if (this.damaged) return Float32Array.from(this.damaged.slice(stop * size, (stop + 1) * size));
    return Float32Array.from(this.item, (value, i) => (hidden?.[i] ? 0 : value));
  }

  /**
   * Damage the item, repair it and judge all repairs at a stop, unless that is done.
   * @param {number} stop
   */
  make(stop) {
    if (this.made[stop]) return;
    this.made[stop] = 1;
    const damaged = this.damagedAt(stop);
    for (const row of this.rows) {
      if (!row.own || !row.sheet) continue;
      const values = row.network ? this.repaired(row, damaged, stop) : damaged;
      if (values) this.judge(row, stop, values);
    }
    this.tell(stop);
  }

  /**
   * @param {{ network: Row["network"], problem: string }} row
   * @param {Float32Array} damaged
   * @param {number} stop
   */
  repaired(row, damaged, stop) {
    const network = networkOf(row.network ?? "");
    row.problem = network?.error ?? (network ? "" : "It is not in this file.");
    if (row.problem) return null;
    const values = network.decode(network.encode(damaged).mean);
    if (!this.keep) return values;
    const { name } = this.kind;
    return restored(values, damaged, { name, shape: this.shape, level: this.level(stop), hidden: this.hiddenAt(stop) });
  }

  /** @param {number} stop */
  level(stop) {
    return Number(this.kind.dial.axes[0].stops[Math.floor(stop / this.places)]);
  }

  /**
   * Show what was made and what it is worth.
   * @param {Trial["rows"][number]} row
   * @param {number} stop
   * @param {ArrayLike<number>} values
   */
  judge(row, stop, values) {
    if (row.sheet) this.tiles?.put(row.sheet, stop, values);
    this.judges.forEach(({ key }, j) => {
      row.scores[stop * this.judges.length + j] = JUDGED[key](values, this.item, this.shape);
    });
    const hidden = this.hiddenAt(stop);
    row.holes[stop] = hidden ? decibels(squaredError(values, this.item, hidden)) : NaN;
    const line = this.data.chart?.lines[this.rows.indexOf(row)];
    const score = row.scores[stop * this.judges.length];
    if (line) line.values[stop] = Number.isFinite(score) ? score : null;
  }

  /**
   * The scores of all rows by one judge.
   * @param {number} stop
   * @param {number} j
   */
  scores(stop, j) {
    return this.rows.map(({ scores }) => scores[stop * this.judges.length + j]);
  }

  /**
   * Write below each picture what it is worth, the best with a star.
   * @param {number} stop
   */
  tell(stop) {
    const best = bestOf(this.judges[0], this.scores(stop, 0));
    this.rows.forEach((row, number) => {
      this.data.panels[number ? number + 1 : 0].notes[stop] = this.note(row, stop, best.includes(number));
    });
  }

  /**
   * @param {Trial["rows"][number]} row
   * @param {number} stop
   * @param {boolean} star
   */
  note(row, stop, star) {
    if (row.problem) return `cannot run in this browser: ${row.problem}`;
    const scores = this.judges.map((_, j) => row.scores[stop * this.judges.length + j]);
    if (scores.some(Number.isNaN)) return `${this.value}s are missing`;
    if (isWhole(this.judges[0], scores[0])) return "nothing changed";
    const lines = this.judges.map((judge, j) => `${star && !j ? "★ " : ""}${judge.name} ${told(judge, scores[j])}`);
    if (Number.isFinite(row.holes[stop])) lines.push(`in the hole ${inDecibels(row.holes[stop])}`);
    return lines.join("\n");
  }

  /**
   * Who is nearest by each figure: [winners, reasons] of each that wins; none where there are no figures.
   * @param {number} stop
   */
  winners(stop) {
    /** @type {Map<string, { rows: number[], by: string[] }>} */
    const wins = new Map();
    const add = (/** @type {number[]} */ rows, /** @type {string} */ by) => {
      const found = wins.get(`${rows}`) ?? { rows, by: [] };
      found.by.push(by);
      wins.set(`${rows}`, found);
    };
    for (const [j, judge] of this.judges.entries()) {
      const scores = this.scores(stop, j);
      const rows = bestOf(judge, scores);
      if (!Number.isFinite(scores[rows[0]])) return [];
      add(rows, `by ${judge.name} (${told(judge, scores[rows[0]])})`);
    }
    const holes = this.rows.map((row) => row.holes[stop]);
    if (holes.every(Number.isFinite)) {
      const best = Math.max(...holes);
      add(
        holes.flatMap((value, row) => (value === best ? [row] : [])),
        `in the hole alone (${inDecibels(best)})`,
      );
    }
    return [...wins.values()];
  }
}

const inDecibels = (/** @type {number} */ value) =>
  told({ unit: "dB", digits: 1, counts: false, key: "", name: "", higher: true }, value);

/**
 * The same kind of damage where a hand paints it: one stop, and the repairs that are made here.
 * @param {Kind} kind
 * @param {Packed | null} mask (H, W)
 * @param {number[]} shape
 * @returns {Kind}
 */
export function painted(kind, mask, shape) {
  const rows = kind.rows
    .map((row, i) => ({ row, panel: kind.dial.panels[i ? i + 1 : 0] }))
    .filter(({ row }) => !row.scores);
  const [first, ...others] = rows.map(({ panel }) => panel);
  const dial = { ...kind.dial, panels: [first, kind.dial.panels[CLEAN], ...others], at: 0, place: null, chart: null };
  const axes = [{ label: "Painted", stops: [""] }];
  const { bytes } = mask ?? { bytes: btoa("\0".repeat(shape[1] * shape[2])) };
  const hidden = { dtype: /** @type {const} */ ("uint8"), shape, bytes: btoa(atob(bytes).repeat(shape[0])) };
  return {
    ...kind,
    label: "Paint it away",
    dial: { ...dial, axes },
    rows: rows.map(({ row }) => row),
    hidden,
    damaged: null,
  };
}
