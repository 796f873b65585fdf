using CommentFunctions;
using CommentFunctions.Hosts;
using CommentFunctions.Http;
using Functions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;

return await FunctionApp.RunAsync(
    args,
    underFunctionsHost: () => FunctionsApplication.CreateBuilder(args).ConfigureFunctionsWebApplication()
        .UseProblemDetails().UseCallers().AddApp().AddFunctionsHost().Build(),
    otherwise: () => LocalFunctionsApplication.CreateBuilder(args).UseProblemDetails().UseCallers().AddApp().AddLocalHost().Build());
