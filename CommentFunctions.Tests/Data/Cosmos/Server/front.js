'use strict';

const crypto = require('crypto');
const http = require('http');
const { answerAdmin } = require('./admin.js');
const { refuse, Refusal } = require('./answers.js');
const { checkAuthorization } = require('./auth.js');
const { checkBudget, spend } = require('./budget.js');
const { Faults, sleep } = require('./faults.js');
const { Record } = require('./record.js');
const { describeRequest, partsOf } = require('./requests.js');
const { route } = require('./resources.js');
const { createSettings } = require('./settings.js');
const { Store } = require('./store.js');

// Longer than clients keep their connections, so that none is closed just when it is used again.
const KEEP_ALIVE = 600000;

async function readBody(message) {
  const chunks = [];
  for await (const chunk of message) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    if (error instanceof Refusal) {
      return error.answer;
    }
    console.error(error);
    return refuse(500, String(error));
  }
}

function headersOf({ container }, answer) {
  const headers = {
    'x-ms-activity-id': crypto.randomUUID(),
    'x-ms-request-charge': String(answer.charge || 0),
    'x-ms-serviceversion': 'version=2.14.0.0',
    'x-ms-gatewayversion': 'version=2.14.0',
    'content-type': answer.raw ? 'application/octet-stream' : 'application/json',
  };
  const optional = {
    'x-ms-substatus': answer.substatus && String(answer.substatus),
    'x-ms-session-token': answer.session,
    etag: answer.etag,
    'x-ms-documentdb-partitionkeyrangeid': answer.range && answer.range.id,
    // By these the client knows whose session the token belongs to.
    'x-ms-alt-content-path': container && encodeURI(`dbs/${container.database.id}/colls/${container.id}`),
    'x-ms-content-path': container && container.rid,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value) {
      headers[name] = value;
    }
  }
  return { ...headers, ...answer.headers };
}

function send(response, request, answer) {
  response.writeHead(answer.status, headersOf(request, answer));
  response.end(answer.raw || (answer.body === undefined ? '' : JSON.stringify(answer.body)));
}

/** The server: takes requests one after another through signature, faults, budget and the operation itself. */
class Front {
  constructor(environment) {
    this.settings = createSettings(environment);
    this.store = new Store(this.settings);
    this.record = new Record();
    this.faults = new Faults();
    this.server = http.createServer((message, response) => {
      this.handle(message, response).catch((error) => {
        if (!message.destroyed) {
          console.error(error);
          message.destroy();
        }
      });
    });
    this.server.keepAliveTimeout = KEEP_ALIVE;
  }

  async handle(message, response) {
    const body = await readBody(message);
    const parts = attempt(() => partsOf(message.url));
    if (!Array.isArray(parts)) {
      send(response, {}, parts);
      return;
    }
    if (parts[0] === '__admin') {
      send(response, {}, attempt(() => answerAdmin(this, parts.slice(1), body.toString())));
      return;
    }
    const request = describeRequest(message, body, this.store);
    const answer = await this.answer(request);
    if (answer.reset) {
      message.socket.destroy();
    } else {
      send(response, request, answer);
    }
  }

  /** The answer to a request. A fault stands before everything that the server does, or after all of it. */
  async answer(request) {
    const denial = this.settings.auth ? checkAuthorization(request) : undefined;
    if (denial) {
      return this.note(request, denial);
    }
    const { outcome, late } = await this.faults.meet(request);
    if (outcome) {
      return this.note(request, outcome);
    }
    if (this.settings.latency > 0) {
      await sleep(this.settings.latency);
    }
    const answer = this.note(request, this.perform(request));
    return (late && (await this.faults.outcomeOf(late))) || answer;
  }

  /** Does what is asked, in one go: nothing comes between the budget, the reads and the commit of a request. */
  perform(request) {
    // The container may have come or gone while the request waited.
    const container = request.operation === 'meta' ? undefined : this.store.findContainer(request.parts[1], request.parts[3]);
    const isBudgeted = this.settings.rus > 0 && container && request.operation !== 'plan';
    const throttled = isBudgeted ? checkBudget(container, this.settings.rus) : undefined;
    if (throttled) {
      return throttled;
    }
    const answer = attempt(() => route(this, request));
    if (isBudgeted) {
      spend(container, answer.charge || 0);
    }
    return answer;
  }

  note(request, answer) {
    const { containerName, operation, headers, id = '' } = request;
    const outcome = answer.reset ? 'reset' : answer.status;
    this.record.request(containerName, operation, outcome, answer.charge || 0);
    const key = headers['x-ms-documentdb-partitionkey'] || '';
    this.record.log(operation, containerName, outcome, id, key, headers['x-ms-session-token'] || '', answer.detail || '');
    return answer;
  }
}

module.exports = { Front };
