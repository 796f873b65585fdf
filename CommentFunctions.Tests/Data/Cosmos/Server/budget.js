'use strict';

const { REFUSED_BY_BUDGET } = require('./charges.js');

const TOO_MANY = 'Message: {"Errors":["Request rate is large. More Request Units may be needed, so no changes were made."]}';

const secondNow = () => Math.floor(Date.now() / 1000);

/** Each second gives a container its request units, and what was spent beyond them has to be waited for. */
function settle(container, perSecond) {
  const second = secondNow();
  container.spent = Math.max(0, container.spent - (second - container.spentSecond) * perSecond);
  container.spentSecond = second;
}

/** The answer 429 where the budget is used up; undefined where there is some left. Nothing is done before the budget is asked. */
function checkBudget(container, perSecond) {
  settle(container, perSecond);
  if (container.spent < perSecond) {
    return undefined;
  }
  const seconds = Math.floor(container.spent / perSecond);
  const wait = Math.max(1, seconds * 1000 - (Date.now() % 1000));
  return {
    status: 429,
    substatus: 3200,
    charge: REFUSED_BY_BUDGET,
    headers: { 'x-ms-retry-after-ms': String(wait) },
    body: { code: '429', message: TOO_MANY },
  };
}

function spend(container, charge) {
  container.spent += charge;
}

module.exports = { checkBudget, spend };
