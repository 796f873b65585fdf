// Says what is wrong with log queries: they come as a JSON array on the input, and go back as an array of lists of problems.
// NODE_PATH has to have @kusto/language-service-next.
require('@kusto/language-service-next/bridge.min');
require('@kusto/language-service-next/Kusto.Language.Bridge.min');

const { GlobalState, KustoCode, Symbols } = Kusto.Language;

// The columns that queries may name, of those that the tables' documentation lists.
const common = 'TimeGenerated: datetime, AppRoleName: string, AppRoleInstance: string, OperationId: string, OperationName: string, ParentId: string, Properties: dynamic, ItemCount: int, SDKVersion: string';
const tables = {
  AppRequests: `${common}, Id: string, Name: string, Url: string, Success: bool, ResultCode: string, DurationMs: real, Measurements: dynamic`,
  AppDependencies: `${common}, Id: string, Name: string, Data: string, Target: string, DependencyType: string, Success: bool, ResultCode: string, DurationMs: real`,
  AppTraces: `${common}, Message: string, SeverityLevel: int`,
  AppExceptions: `${common}, ExceptionType: string, OuterMessage: string, InnermostMessage: string, Details: dynamic, SeverityLevel: int`,
  AppMetrics: `${common}, Name: string, Sum: real, Min: real, Max: real`,
  _LogOperation: 'TimeGenerated: datetime, Category: string, Operation: string, Level: string, Detail: string',
};

function check({ query, table }) {
  const known = { ...tables, ...(table ? { source: tables[table] } : {}) };
  const symbols = Object.entries(known).map(([name, columns]) => Symbols.TableSymbol.From(`(${columns})`).WithName(name));
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('workspace', symbols));
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, i) => found.getItem(i)).map(problem => `${problem.Start}: ${problem.Message}`);
}

const queries = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(queries.map(check)));
