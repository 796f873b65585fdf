'use strict';

// A model of request units: they grow with the size and with the terms that are indexed. They are no measurements.
// What the service counts: https://learn.microsoft.com/azure/cosmos-db/request-units

const DEFAULT_TERMS = 8;
const MISS = 1;
const REFUSED_WRITE = 1.24;
const REFUSED_BY_BUDGET = 0.38;

const rounded = (value) => Math.round(value * 100) / 100;

const kilobytes = (document) => Math.max(1, JSON.stringify(document).length / 1024);

function indexedTerms(container) {
  const { includedPaths = [], compositeIndexes = [] } = container.definition.indexingPolicy;
  if (includedPaths.length === 0 || includedPaths.some((included) => included.path === '/*')) {
    return DEFAULT_TERMS + compositeIndexes.length;
  }
  return includedPaths.length + compositeIndexes.length;
}

const forRead = (document) => rounded(kilobytes(document));

const forWrite = (container, document) => rounded(4.5 * kilobytes(document) + 0.35 * indexedTerms(container) + 0.5);

/** A replace takes the old terms out of the index and puts the new ones in. */
const forReplace = (container, document) => rounded(1.7 * forWrite(container, document));

/** A query's page: what it hands back, and for an aggregate what it looked at. */
function forPage(page, aggregated) {
  return rounded(2.3 + 0.03 * page.length + (JSON.stringify(page).length / 1024) * 0.05 + aggregated * 0.002);
}

module.exports = { MISS, REFUSED_BY_BUDGET, REFUSED_WRITE, forPage, forRead, forReplace, forWrite, rounded };
