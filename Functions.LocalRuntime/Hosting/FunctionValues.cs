using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Functions.LocalRuntime.Hosting;

/// <summary>The values that a function takes on the command line: what help says of them, and which are refused.</summary>
/// <param name="function">The function.</param>
/// <param name="document">What its app says of it; null where the app says nothing.</param>
internal sealed partial class FunctionValues(FunctionDescriptor function, FunctionDocument? document)
{
    private readonly FunctionUsage? documented = document?.Find(function.Name);

    private IReadOnlyList<FunctionOption> Options => documented?.Options ?? function.Trigger switch
    {
        HttpTrigger http => [.. RoutePatternFactory.Parse(http.Route).Parameters.Select(parameter => new FunctionOption(
            parameter.Name, "text", !parameter.IsOptional && parameter.Default is null, "A part of the route.", null))],
        QueueTrigger => [new(FunctionOption.Body, "text", false, "The message.", null)],
        _ => [],
    };

    /// <summary>Says what the function does, which values it takes, and how it is called.</summary>
    public string Help()
    {
        var options = Terminal.Align(Options.Select(option => new[]
        {
            $"  --{option.Name}", option.Kind, option.IsRequired ? "required" : "", option.Description,
        })).ToList();
        return string.Join(Environment.NewLine,
        [
            $"run {function.Name}: {documented?.Summary ?? $"a function of {function.Trigger.Source}."}",
            "",
            .. options.Count > 0 ? options : IsOpen ? [] : ["  It takes no values."],
            .. IsOpen ? new[] { "  Other values go to its query and its JSON body by name." } : [],
            "",
            $"Example: {Example()}",
        ]);
    }

    /// <summary>The input of a run: a message, or the values of a request under the names that the function knows; null for none.</summary>
    /// <exception cref="StartupException">The function does not take a value of one of the names, or needs another one.</exception>
    public string? Input(JsonObject values)
    {
        if (function.Trigger is not TimerTrigger && values.Count == 1 && values.TryGetPropertyValue(FunctionOption.Body, out var body))
        {
            return (string?)body;
        }

        if (values.Count > 0 && function.Trigger is not HttpTrigger)
        {
            throw new StartupException(function.Trigger is QueueTrigger
                ? $"{function.Name} takes one value, --body, the message."
                : $"{function.Name} is a timer function and takes no values.");
        }

        var known = Known(values);
        return known.Count > 0 ? known.ToJsonString() : null;
    }

    // Where nobody says what an HTTP function looks for in its query and its body, it may be anything.
    private bool IsOpen => function.Trigger is HttpTrigger && documented is null;

    private JsonObject Known(JsonObject values)
    {
        var known = new JsonObject();
        foreach (var (name, value) in values)
        {
            known[NameOf(name)] = value?.DeepClone();
        }

        var missing = Options.Where(option => option.IsRequired && !known.ContainsKey(option.Name)).Select(option => $"--{option.Name}").ToList();
        return missing.Count == 0 ? known : throw new StartupException(
            $"{function.Name} needs {string.Join(" and ", missing)}; `run {function.Name} --help` lists its values.");
    }

    private string NameOf(string given)
    {
        var names = Options.Select(option => option.Name).ToList();
        return names.Find(name => name.Equals(given, StringComparison.OrdinalIgnoreCase)) ?? (IsOpen ? given : throw new StartupException(
            names.Count == 0
                ? $"{function.Name} takes no values, and so no --{given}."
                : $"{function.Name} has no value --{given}. The nearest one is --{Names.Nearest(given, names)}; `run {function.Name} --help` lists all."));
    }

    private string Example() => string.Join(' ', Options.Where(option => option.IsRequired || option.Example is not null)
        .Select(option => $"--{option.Name} {Quoted(option.Example ?? $"<{option.Kind}>")}").Prepend($"run {function.Name}"));

    private static string Quoted(string value) => Plain().IsMatch(value) ? value : $"'{value}'";

    [GeneratedRegex("^[A-Za-z0-9_.,:/@+-]+$")]
    private static partial Regex Plain();
}
