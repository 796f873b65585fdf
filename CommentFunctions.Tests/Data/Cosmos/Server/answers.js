'use strict';

// The codes that error bodies name: https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb
const CODES = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  429: '429',
  500: 'InternalServerError',
};

/** An answer that refuses the request. The status says what kind of error it is, the substatus which one of that kind. */
function refuse(status, message, substatus) {
  const inner = JSON.stringify({ Errors: [message] });
  return { status, substatus, body: { code: CODES[status] || String(status), message: `Message: ${inner}` } };
}

/** Thrown where a request cannot go on. The front sends the answer that it carries. */
class Refusal extends Error {
  constructor(answer) {
    super(answer.body.message);
    this.answer = answer;
  }
}

const refusal = (status, message, substatus) => new Refusal(refuse(status, message, substatus));

/** Parses what a request says in JSON. */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal(400, 'The input content is invalid because it is no valid JSON.');
  }
}

module.exports = { refuse, refusal, Refusal, parseJson };
