'use strict';

const { Front } = require('./front.js');

// node main.js [port] [--stdin]: no port, or 0, takes one that is free. README.md says the rest.
const words = process.argv.slice(2);
const port = Number(words.find((word) => /^\d+$/.test(word)) || 0);

const { server } = new Front(process.env);
server.listen(port, '127.0.0.1', () => console.log(`listening ${server.address().port}`));

if (words.includes('--stdin')) {
  // Whoever started this holds the other end. A test run that was killed lets go of it, and leaves nothing behind.
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
}
