'use strict';

const { refusal } = require('./answers.js');

const FIELDS = ['op', 'coll', 'status', 'sub', 'retryAfterMs', 'after', 'count', 'p', 'delayMs', 'reset', 'commit', 'meta'];

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Rules that let requests fail: before the server does anything, or (commit) after it did everything. */
class Faults {
  constructor() {
    this.rules = [];
  }

  setRules(rules) {
    const unknown = rules.flatMap((rule) => Object.keys(rule)).find((field) => !FIELDS.includes(field));
    if (unknown !== undefined) {
      throw refusal(400, `A rule has no ${unknown}. Allowed: ${FIELDS.join(', ')}.`);
    }
    this.rules = rules.map((rule) => ({ ...rule, seen: 0 }));
  }

  applies(rule, { operation, containerName }) {
    if (rule.op && !rule.op.split('|').includes(operation)) {
      return false;
    }
    if (rule.coll && !rule.coll.split('|').includes(containerName)) {
      return false;
    }
    // Requests for databases, containers and the account fail only where a rule says so: clients do not start without them.
    if (!rule.op && !rule.coll && !rule.meta && operation === 'meta') {
      return false;
    }
    rule.seen++;
    const first = rule.after || 0;
    return rule.seen > first && !(rule.count && rule.seen > first + rule.count) && !(rule.p && Math.random() > rule.p);
  }

  /**
   * Goes through the rules. An outcome takes the place of the server's own answer: reset is a cut connection.
   * A rule with neither a status nor a reset only delays.
   */
  async meet(request) {
    for (const rule of this.rules) {
      if (this.applies(rule, request)) {
        if (rule.commit) {
          return { late: rule };
        }
        const outcome = await this.outcomeOf(rule);
        if (outcome) {
          return { outcome };
        }
      }
    }
    return {};
  }

  async outcomeOf(rule) {
    if (rule.delayMs) {
      await sleep(rule.delayMs);
    }
    if (rule.reset) {
      return { reset: true };
    }
    if (!rule.status) {
      return undefined;
    }
    const when = rule.commit ? 'injected after commit' : `injected ${rule.status}`;
    const headers = rule.retryAfterMs === undefined ? {} : { 'x-ms-retry-after-ms': String(rule.retryAfterMs) };
    return { status: rule.status, substatus: rule.sub, charge: 0, headers, body: { code: String(rule.status), message: when } };
  }
}

module.exports = { Faults, sleep };
