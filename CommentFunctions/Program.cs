using CommentFunctions;
using CommentFunctions.Hosts;
using CommentFunctions.Http;
using Functions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;

return await FunctionApp.RunAsync(() => FunctionApp.IsStartedByFunctionsHost(args)
    ? FunctionsApplication.CreateBuilder(args).ConfigureFunctionsWebApplication().UseProblemDetails().AddApp().AddFunctionsHost().Build()
    : LocalFunctionsApplication.CreateBuilder(args).UseProblemDetails().AddApp().AddLocalHost().Build());
