'use strict';

const { parseJson, refuse, refusal } = require('./answers.js');

function changeSettings(settings, changes) {
  const unknown = Object.keys(changes).find((name) => !Object.hasOwn(settings, name));
  if (unknown !== undefined) {
    throw refusal(400, `There is no setting ${unknown}. Allowed: ${Object.keys(settings).join(', ')}.`);
  }
  const misfit = Object.keys(changes).find((name) => typeof changes[name] !== typeof settings[name]);
  if (misfit !== undefined) {
    throw refusal(400, `The setting ${misfit} is a ${typeof settings[misfit]}.`);
  }
  if (changes.ranges !== undefined && !(Number.isInteger(changes.ranges) && changes.ranges > 0)) {
    throw refusal(400, 'The setting ranges is a positive integer.');
  }
  Object.assign(settings, changes);
  return settings;
}

function describeStore(store) {
  return [...store.databases.values()].map((database) => ({
    db: database.id,
    colls: [...database.containers.values()].map((container) => ({ ...container.definition, count: container.documents().length })),
  }));
}

/** What a test asks of the server, by the paths under /__admin. */
function answerAdmin({ settings, faults, record, store }, [command, ...names], text) {
  const given = text.trim() === '' ? undefined : parseJson(text);
  switch (command) {
    case 'cfg':
      return { status: 200, body: changeSettings(settings, given || {}) };
    case 'rules':
      faults.setRules(given || []);
      return { status: 200, body: { ok: 1 } };
    case 'stats':
      return { status: 200, body: { stats: record.stats, queries: record.queries, rules: faults.rules } };
    case 'reset':
      record.reset();
      return { status: 200, body: { ok: 1 } };
    case 'log':
      record.isLogging = given ? Boolean(given.on) : record.isLogging;
      return { status: 200, body: record.takeLog() };
    case 'colls':
      return { status: 200, body: describeStore(store) };
    case 'docs': {
      const container = store.findContainer(names[0], names[1]);
      return container ? { status: 200, body: container.documents() } : refuse(404, 'There is no such container.');
    }
    default:
      return refuse(404, 'There is no such command.');
  }
}

module.exports = { answerAdmin };
