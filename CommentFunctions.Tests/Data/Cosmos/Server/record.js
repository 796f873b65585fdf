'use strict';

const { rounded } = require('./charges.js');

/** What was asked of the server: counts and charges by container, operation and status, queries by their text, and a log. */
class Record {
  constructor() {
    this.reset();
    this.isLogging = false;
  }

  reset() {
    this.stats = {};
    this.queries = {};
    this.entries = [];
  }

  request(container, operation, outcome, charge) {
    const key = `${container} ${operation} ${outcome}`;
    const entry = this.stats[key] || (this.stats[key] = { n: 0, ru: 0 });
    entry.n++;
    entry.ru = rounded(entry.ru + charge);
  }

  /** An item was stored that no path reaches. */
  illegalId(container) {
    const key = `${container} ILLEGAL-ID`;
    const entry = this.stats[key] || (this.stats[key] = { n: 0, ru: 0 });
    entry.n++;
  }

  /** Counts a query and hands out its entry, to which its charge is added. */
  query(key) {
    const entry = this.queries[key] || (this.queries[key] = { n: 0, ru: 0 });
    entry.n++;
    return entry;
  }

  log(...entry) {
    if (this.isLogging) {
      this.entries.push([Date.now(), ...entry]);
    }
  }

  takeLog() {
    const entries = this.entries;
    this.entries = [];
    return entries;
  }
}

module.exports = { Record };
