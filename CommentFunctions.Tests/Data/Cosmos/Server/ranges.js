'use strict';

const { boundaries } = require('./partition-keys.js');

const FIRST_LSN = 10;

/** A physical partition. It numbers its commits (LSN), and its replicas may lag behind. */
class Range {
  constructor(id, min, max) {
    this.id = id;
    this.min = min;
    this.max = max;
    this.lsn = FIRST_LSN;
    this.applied = FIRST_LSN;
    this.pending = [];
  }

  /** The number of the next commit. */
  advance(lagMs) {
    this.lsn++;
    if (lagMs > 0) {
      this.pending.push({ at: Date.now(), lsn: this.lsn });
    } else {
      this.pending = [];
      this.applied = this.lsn;
    }
    return this.lsn;
  }

  /** The last commit that every replica has. */
  settle(lagMs) {
    while (this.pending.length > 0 && this.pending[0].at <= Date.now() - lagMs) {
      this.applied = this.pending.shift().lsn;
    }
    return this.applied;
  }

  holds(effectiveKey) {
    return effectiveKey >= this.min && effectiveKey < this.max;
  }
}

/** Ranges that share the space of the keys evenly. */
function createRanges(count, version) {
  const places = boundaries(count, version);
  return Array.from({ length: count }, (_, index) => new Range(String(index), places[index], places[index + 1]));
}

module.exports = { createRanges };
