'use strict';

/** What the admin interface can change while the server runs, with what holds at the start. */
function createSettings(environment) {
  return {
    ranges: Number(environment.RANGES) || 1,
    enforceComposite: environment.COMPOSITE !== '0',
    auth: true,
    rus: 0,
    throughput: 0,
    latency: 0,
    lagMs: 0,
    clockSkew: 0,
  };
}

/** The server's time, in the whole seconds of _ts. */
const nowSeconds = (settings) => Math.floor(Date.now() / 1000) + settings.clockSkew;

module.exports = { createSettings, nowSeconds };
