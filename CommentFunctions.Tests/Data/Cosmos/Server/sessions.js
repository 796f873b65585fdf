'use strict';

const { refusal } = require('./answers.js');

// A token has a part for each range, such as 0:-1#15: the range, a version of the ranges, the LSN.
const tokenOf = (range, lsn) => `${range.id}:-1#${lsn}`;

function requestedLsn(header, range) {
  for (const part of (header || '').split(',')) {
    const found = /^(\d+):(?:-?\d+#)?(\d+)/.exec(part.trim());
    if (found && found[1] === range.id) {
      return Number(found[2]);
    }
  }
  return 0;
}

/** Refuses a session that has seen commits that this range has not. A container made anew under the old name is such a range. */
function checkSession(header, range) {
  if (requestedLsn(header, range) > range.lsn) {
    throw refusal(404, 'The read session is not available for the input session token.', 1002);
  }
}

/** The commit up to which a read sees the range: what its session has seen, or what every replica has. */
function visibleLsn(header, range, lagMs) {
  checkSession(header, range);
  return lagMs > 0 ? Math.max(range.settle(lagMs), requestedLsn(header, range)) : range.lsn;
}

module.exports = { checkSession, tokenOf, visibleLsn };
