using System.Reflection;
using Functions.LocalRuntime.Indexing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;

namespace CommentFunctions.Health;

/// <summary>The app's functions whose triggers a setting has switched off.</summary>
public sealed class DisabledTriggers(IConfiguration configuration)
{
    private static readonly Lazy<List<(string Name, bool IsHttp)>> Functions = new(Find);

    /// <summary>The functions that are disabled, in the order of their names.</summary>
    public IReadOnlyList<string> All => [.. Disabled().Select(function => function.Name)];

    /// <summary>Those of a timer or a queue, whose silence no caller would see.</summary>
    public IReadOnlyList<string> InBackground => [.. Disabled().Where(function => !function.IsHttp).Select(function => function.Name)];

    /// <summary>The names of all functions.</summary>
    internal static IEnumerable<string> Names => Functions.Value.Select(function => function.Name);

    /// <summary>Whether a setting has switched this function off.</summary>
    public bool Includes(string function) => DisabledFunctions.Contains(configuration, function);

    // The functions are looked for only where there is such a setting at all, which spares the first answer the time for it.
    private IEnumerable<(string Name, bool IsHttp)> Disabled() =>
        configuration.AsEnumerable().Any(setting => setting.Key.EndsWith("Disabled", StringComparison.OrdinalIgnoreCase))
            ? Functions.Value.Where(function => DisabledFunctions.Contains(configuration, function.Name))
            : [];

    private static List<(string Name, bool IsHttp)> Find() =>
    [
        .. from method in typeof(DisabledTriggers).Assembly.GetExportedTypes().SelectMany(type => type.GetMethods())
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           orderby function.Name
           select (function.Name, method.GetParameters().Any(parameter => parameter.GetCustomAttribute<TriggerBindingAttribute>() is HttpTriggerAttribute)),
    ];
}
