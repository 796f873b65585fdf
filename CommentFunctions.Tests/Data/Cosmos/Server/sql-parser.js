'use strict';

const { ExpressionParser } = require('./sql-expressions.js');
const { QueryError, UnknownHere, unquote } = require('./sql-tokens.js');

/** Makes a tree of a query: https://learn.microsoft.com/azure/cosmos-db/nosql/query/ */
class QueryParser extends ExpressionParser {
  whole() {
    const query = this.query();
    if (this.token.type !== 'end') {
      this.fail();
    }
    query.text = this.text;
    return query;
  }

  query() {
    const start = this.token.start;
    this.expect('SELECT');
    const query = { joins: [], order: [], isDistinct: this.accept('DISTINCT') };
    if (this.accept('TOP')) {
      query.top = this.count('TOP');
    }
    this.selection(query);
    if (this.accept('FROM')) {
      query.source = this.source(false);
      while (this.accept('JOIN')) {
        query.joins.push(this.source(true));
      }
    }
    if (this.accept('WHERE')) {
      query.where = this.expression();
    }
    if (this.accept('GROUP')) {
      this.expect('BY');
      this.list(() => this.expression());
      throw new UnknownHere('GROUP BY');
    }
    if (this.accept('ORDER')) {
      this.expect('BY');
      query.order = this.list(() => this.orderItem());
    }
    if (this.accept('OFFSET')) {
      query.offset = this.count('OFFSET');
      this.expect('LIMIT');
      query.limit = this.count('LIMIT');
    }
    return this.node('query', start, query);
  }

  count(clause) {
    const token = this.take('number', 'parameter');
    if (token.type === 'parameter') {
      return { kind: 'parameter', name: token.text };
    }
    if (!/^\d+$/.test(token.text)) {
      throw new QueryError('SC2060', `The count value provided for a ${clause} clause must be an integer.`, token.start, token.end);
    }
    return { kind: 'literal', value: Number(token.text) };
  }

  selection(query) {
    const star = this.token;
    if (this.accept('*')) {
      query.star = star;
    } else if (this.accept('VALUE')) {
      query.value = this.expression();
    } else {
      let unnamed = 0;
      query.items = this.list(() => {
        const expression = this.expression();
        const alias = this.alias();
        const last = expression.kind === 'identifier' ? expression.name : expression.kind === 'member' && expression.name;
        const name = alias || (typeof last === 'string' ? last : `$${++unnamed}`);
        return { name, expression, nameStart: alias ? this.tokens[this.at - 1].start : expression.nameStart };
      });
    }
  }

  alias() {
    const isNamed = this.accept('AS');
    if (isNamed || this.token.type === 'name' || this.token.type === 'string') {
      const token = this.take('name', 'string');
      return token.type === 'string' ? unquote(token) : token.text;
    }
    return undefined;
  }

  /** FROM c, FROM root c, FROM c.tags AS t, FROM t IN c.tags, JOIN t IN c.tags. */
  source(isJoin) {
    const start = this.token.start;
    if (this.is('(')) {
      throw new UnknownHere('subqueries in FROM');
    }
    const first = this.take('name');
    if (this.accept('IN')) {
      const path = this.postfix();
      return this.node('source', start, { path, alias: first.text, aliasStart: first.start, iterates: true });
    }
    this.at--;
    const path = this.postfix();
    const hasAlias = this.accept('AS') || this.token.type === 'name';
    const aliasStart = this.token.start;
    const alias = hasAlias ? this.take('name').text : path.name;
    return this.node('source', start, { path, alias, aliasStart, iterates: false, isJoin });
  }

  orderItem() {
    const start = this.token.start;
    const expression = this.expression();
    const isDescending = !this.accept('ASC') && this.accept('DESC');
    return this.node('order', start, { expression, isDescending });
  }
}

const parse = (text) => new QueryParser(text).whole();

module.exports = { parse };
