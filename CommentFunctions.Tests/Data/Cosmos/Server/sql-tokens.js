'use strict';

const { Refusal } = require('./answers.js');

// Words that are no names, in any case. true, false, null and undefined mean values in lower case only, as the service's parser has it.
const RESERVED = new Set(('AND ARRAY AS ASC BETWEEN BY CASE CAST CONVERT CROSS DESC DISTINCT ELSE END ESCAPE EXISTS FALSE FOR FROM GROUP '
  + 'HAVING IN INNER INSERT INTO JOIN LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER OVER RIGHT SELECT SET THEN TOP TRUE UDF '
  + 'UNDEFINED UPDATE VALUE WHEN WHERE WITH').split(' '));

// The client puts its filter here when it goes on with an ordered query; on the first page it is true.
const FILTER = '{documentdb-formattableorderbyquery-filter}';

const PATTERNS = [
  ['space', /\s+|--[^\n]*/y],
  ['filter', new RegExp(FILTER, 'y')],
  ['string', /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y],
  ['number', /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['parameter', /@[\p{L}_][\p{L}\p{N}_]*/uy],
  ['name', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['symbol', /<=|>=|!=|<>|\|\||\?\?|[-+*/%=<>(),.[\]{}:?&|^~]/y],
];

/** A query that the service's parser refuses, with its code and the place in the text. */
class QueryError extends Refusal {
  constructor(code, message, start, end) {
    const location = start === undefined ? {} : { location: { start, end } };
    const errors = JSON.stringify({ errors: [{ severity: 'Error', ...location, code, message }] });
    super({ status: 400, body: { code: 'BadRequest', message: `Message: ${errors}` } });
  }
}

/** A query that the service knows and this server does not. The message says so, that nobody looks for the error in the query. */
class UnknownHere extends Refusal {
  constructor(what) {
    super({ status: 400, body: { code: 'BadRequest', message: `Message: This stand-in does not know ${what}. The service does.` } });
  }
}

function nextToken(text, start) {
  for (const [type, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const found = pattern.exec(text);
    if (found) {
      return { type, text: found[0], start, end: start + found[0].length };
    }
  }
  const isString = /["']/.test(text[start]);
  const [code, kind] = isString ? ['SC1012', 'string literal token'] : ['SC1010', 'token'];
  throw new QueryError(code, `Syntax error, invalid ${kind} '${text[start]}'.`, start, start + 1);
}

/** The tokens of a query without its white space; the last one is its end. */
function tokenize(text) {
  const tokens = [];
  let start = 0;
  while (start < text.length) {
    const token = nextToken(text, start);
    start = token.end;
    if (token.type === 'name' && RESERVED.has(token.text.toUpperCase())) {
      token.type = 'word';
      token.word = token.text.toUpperCase();
    }
    if (token.type !== 'space') {
      tokens.push(token);
    }
  }
  tokens.push({ type: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

/** What a string literal of either kind of quotes says. */
function unquote({ text, start, end }) {
  const inner = text.slice(1, -1).replace(/\\.|"/g, (part) => ({ '"': '\\"', "\\'": "'" }[part] || part));
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    throw new QueryError('SC1012', `Syntax error, invalid string literal token '${text}'.`, start, end);
  }
}

module.exports = { QueryError, UnknownHere, tokenize, unquote };
