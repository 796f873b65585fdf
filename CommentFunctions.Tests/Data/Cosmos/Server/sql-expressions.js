'use strict';

const { QueryError, UnknownHere, tokenize, unquote } = require('./sql-tokens.js');

const CONSTANTS = { true: true, false: false, null: null, undefined };
const COMPARISONS = ['=', '!=', '<>', '<', '<=', '>', '>='];

/** Makes trees of expressions. Each node knows its place in the text. A subclass parses the queries that are in them. */
class ExpressionParser {
  constructor(text) {
    this.text = text;
    this.tokens = tokenize(text);
    this.at = 0;
  }

  get token() {
    return this.tokens[this.at];
  }

  /** Whether the next token is this reserved word or symbol. */
  is(what) {
    return this.token.word === what || (this.token.type === 'symbol' && this.token.text === what);
  }

  accept(what) {
    const isNext = this.is(what);
    if (isNext) {
      this.at++;
    }
    return isNext;
  }

  fail(token = this.token) {
    if (['&', '|', '^', '~'].includes(token.text)) {
      throw new UnknownHere('operators on bits');
    }
    if (token.type === 'end') {
      throw new QueryError('SC1002', 'Syntax error, unexpected end-of-file.', token.start, token.end);
    }
    throw new QueryError('SC1001', `Syntax error, incorrect syntax near '${token.text}'.`, token.start, token.end);
  }

  expect(what) {
    if (!this.accept(what)) {
      this.fail();
    }
  }

  take(...types) {
    if (!types.includes(this.token.type)) {
      this.fail();
    }
    return this.tokens[this.at++];
  }

  node(kind, start, properties) {
    return { kind, start, end: this.tokens[this.at - 1].end, ...properties };
  }

  list(parseOne) {
    const items = [parseOne()];
    while (this.accept(',')) {
      items.push(parseOne());
    }
    return items;
  }

  /** BETWEEN binds the weakest: the service takes no AND or OR beside it without parentheses. */
  expression() {
    const start = this.token.start;
    const value = this.ternary();
    const isPlain = value.inParentheses || !['and', 'or', 'comparison', 'ternary', 'coalesce'].includes(value.kind);
    if (!isPlain || !this.accept('BETWEEN')) {
      return value;
    }
    const low = this.sum();
    this.expect('AND');
    const high = this.sum();
    return this.node('between', start, { value, low, high });
  }

  ternary() {
    const start = this.token.start;
    const first = this.or();
    if (this.accept('?')) {
      const yes = this.expression();
      this.expect(':');
      return this.node('ternary', start, { test: first, yes, no: this.expression() });
    }
    if (this.accept('??')) {
      return this.node('coalesce', start, { left: first, right: this.ternary() });
    }
    return first;
  }

  /** Operators of one strength, from left to right. */
  chain(parseNext, operators, kind) {
    const start = this.token.start;
    let left = parseNext();
    for (let operator = operators.find((one) => this.is(one)); operator; operator = operators.find((one) => this.is(one))) {
      this.at++;
      left = this.node(kind, start, { operator, left, right: parseNext() });
    }
    return left;
  }

  or() {
    return this.chain(() => this.and(), ['OR'], 'or');
  }

  and() {
    return this.chain(() => this.comparison(), ['AND'], 'and');
  }

  comparison() {
    const start = this.token.start;
    const value = this.chain(() => this.sum(), COMPARISONS, 'comparison');
    const isNegated = this.accept('NOT');
    if (this.is('LIKE') || (isNegated && this.is('BETWEEN'))) {
      throw new UnknownHere(this.is('LIKE') ? 'LIKE' : 'NOT BETWEEN');
    }
    if (!isNegated && !this.is('IN')) {
      return value;
    }
    this.expect('IN');
    this.expect('(');
    const list = this.list(() => this.expression());
    this.expect(')');
    const membership = this.node('in', start, { value, list });
    return isNegated ? this.node('not', start, { value: membership }) : membership;
  }

  sum() {
    return this.chain(() => this.product(), ['+', '-', '||'], 'arithmetic');
  }

  product() {
    return this.chain(() => this.unary(), ['*', '/', '%'], 'arithmetic');
  }

  /** NOT is one of these here: the service takes NOT c.a = 1 for (NOT c.a) = 1. */
  unary() {
    const start = this.token.start;
    if (this.accept('NOT')) {
      const value = this.unary();
      return this.node('not', start, { value });
    }
    const operator = ['-', '+'].find((one) => this.accept(one));
    if (operator) {
      const value = this.unary();
      return this.node('unary', start, { operator, value });
    }
    return this.postfix();
  }

  /** A value and the names or indexes after it: c.a["b"][0]. */
  postfix() {
    const start = this.token.start;
    let target = this.primary();
    for (;;) {
      const nameStart = this.token.start + 1;
      if (this.accept('.')) {
        const name = this.take('name').text;
        target = this.node('member', start, { target, name, nameStart });
      } else if (this.accept('[')) {
        const index = this.expression();
        this.expect(']');
        const name = index.kind === 'literal' ? index.value : index;
        target = this.node('member', start, { target, name, nameStart });
      } else {
        return target;
      }
    }
  }

  primary() {
    const { type, text, start } = this.token;
    if (type === 'filter') {
      this.at++;
      return this.node('literal', start, { value: true });
    }
    if (type === 'string' || type === 'number') {
      const token = this.take(type);
      return this.node('literal', start, { value: type === 'string' ? unquote(token) : Number(text) });
    }
    if (type === 'parameter') {
      this.at++;
      return this.node('parameter', start, { name: text });
    }
    if (type === 'word') {
      return this.wordValue();
    }
    if (type === 'name') {
      this.at++;
      return this.is('(') ? this.call(text, start) : this.node('identifier', start, { name: text, nameStart: start });
    }
    return this.bracketed();
  }

  call(name, start) {
    this.expect('(');
    const values = this.is(')') ? [] : this.list(() => this.expression());
    this.expect(')');
    return this.node('call', start, { name: name.toUpperCase(), writtenName: name, values });
  }

  wordValue() {
    const { text, word, start, end } = this.tokens[this.at++];
    if (word === 'EXISTS' || word === 'ARRAY') {
      this.expect('(');
      const query = this.query();
      this.expect(')');
      return this.node(word.toLowerCase(), start, { query });
    }
    if (word === 'UDF') {
      throw new UnknownHere('user-defined functions');
    }
    if (Object.hasOwn(CONSTANTS, text)) {
      return this.node('literal', start, { value: CONSTANTS[text] });
    }
    if (['TRUE', 'FALSE', 'NULL', 'UNDEFINED'].includes(word)) {
      throw new QueryError('SC2001', `Identifier '${text}' could not be resolved.`, start, end);
    }
    return this.fail(this.tokens[this.at - 1]);
  }

  bracketed() {
    const start = this.token.start;
    if (this.accept('(')) {
      if (this.is('SELECT')) {
        const query = this.query();
        this.expect(')');
        return this.node('subquery', start, { query });
      }
      const inner = this.expression();
      this.expect(')');
      return { ...inner, start, end: this.tokens[this.at - 1].end, inParentheses: true };
    }
    if (this.accept('[')) {
      const items = this.is(']') ? [] : this.list(() => this.expression());
      this.expect(']');
      return this.node('array-literal', start, { items });
    }
    this.expect('{');
    const properties = this.is('}') ? [] : this.list(() => this.property());
    this.expect('}');
    return this.node('object', start, { properties });
  }

  property() {
    const key = this.take('name', 'string');
    this.expect(':');
    return { name: key.type === 'string' ? unquote(key) : key.text, nameStart: key.start, expression: this.expression() };
  }
}

module.exports = { ExpressionParser };
