'use strict';

const crypto = require('crypto');
const { refuse } = require('./answers.js');

// How a request is signed: https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources

/** The key that every emulator takes; it is no secret: https://learn.microsoft.com/azure/cosmos-db/emulator */
const KEY = Buffer.from('C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==', 'base64');

const MAX_AGE = 15 * 60 * 1000;

const MISSING = 'Required Header authorization is missing. Ensure a valid Authorization token is passed.';
const MALFORMED = "Authorization header doesn't confirm to the required format. Please verify and try again.";
const NO_DATE = 'The input date header is invalid format. Please pass in RFC 1123 style date format.';
const OLD = 'The authorization token is not valid at the current time. Please create another token and retry.';
const MISMATCH = "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built "
  + 'as per the protocol. For more info: https://aka.ms/cosmosdb-tsg-unauthorized.';

const DOCS = 5;

/**
 * A path has types and names in turn. What is signed of it is its last type and the resource that it is of: by names, which some
 * clients sign as they are and others as the path escapes them, or by resource id. An id with a backslash comes with a slash.
 */
function resourceOf({ parts, rawParts }) {
  if (parts[DOCS - 1] === 'docs' && parts.length > DOCS) {
    const withBackslash = [...rawParts.slice(0, DOCS), rawParts.slice(DOCS).join('\\')];
    return { type: 'docs', links: [parts.join('/'), rawParts.join('/'), withBackslash.join('/'), parts.at(-1).toLowerCase()] };
  }
  const isList = parts.length % 2 === 1;
  const type = parts.length === 0 ? '' : parts.at(isList ? -1 : -2);
  const ownerOf = (all) => (isList ? all.slice(0, -1) : all);
  const rid = ownerOf(parts).at(-1) || '';
  return { type, links: [ownerOf(parts).join('/'), ownerOf(rawParts).join('/'), rid.toLowerCase()] };
}

function signatureOf(method, type, link, date) {
  const payload = `${method.toLowerCase()}\n${type.toLowerCase()}\n${link}\n${date.toLowerCase()}\n\n`;
  return crypto.createHmac('sha256', KEY).update(payload).digest();
}

function parseToken(header) {
  try {
    // A signature ends in =, so only the first one of a field parts its name from its value.
    return Object.fromEntries(decodeURIComponent(header).split('&').map((field) => /^([^=]*)=?(.*)$/.exec(field).slice(1)));
  } catch {
    return {};
  }
}

/** The answer that refuses a request without the right signature; undefined where it is right. */
function checkAuthorization(request) {
  const { method, headers } = request;
  if (!headers.authorization) {
    return refuse(401, MISSING);
  }
  const { type, ver, sig } = parseToken(headers.authorization);
  if (type !== 'master' || ver !== '1.0' || !sig) {
    return refuse(401, MALFORMED);
  }
  const date = headers['x-ms-date'] || headers.date || '';
  const age = Date.now() - Date.parse(date);
  if (Number.isNaN(age)) {
    return refuse(401, NO_DATE);
  }
  if (Math.abs(age) > MAX_AGE) {
    return refuse(403, OLD);
  }
  const resource = resourceOf(request);
  const given = Buffer.from(sig, 'base64');
  const isRight = resource.links.some((link) => {
    const wanted = signatureOf(method, resource.type, link, date);
    return given.length === wanted.length && crypto.timingSafeEqual(given, wanted);
  });
  return isRight ? undefined : refuse(401, MISMATCH);
}

module.exports = { checkAuthorization };
