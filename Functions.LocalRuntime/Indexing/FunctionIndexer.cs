using System.Reflection;
using System.Text.RegularExpressions;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Functions.LocalRuntime.Indexing;

/// <summary>Finds the functions of an app and refuses, all at once, what a Functions host would refuse one by one.</summary>
internal sealed partial class FunctionIndexer(IConfiguration configuration, HostJsonOptions host)
{
    private readonly List<string> errors = [];

    /// <exception cref="StartupException">Some function cannot be run as it is written.</exception>
    public IReadOnlyList<FunctionDescriptor> Index(IEnumerable<Type> types)
    {
        var functions = new List<FunctionDescriptor>();
        const BindingFlags OwnPublic = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in types.SelectMany(type => type.GetMethods(OwnPublic)))
        {
            try
            {
                if (method.GetCustomAttribute<FunctionAttribute>() is { } function)
                {
                    functions.Add(Describe(function.Name, method));
                }
            }
            catch (StartupException e)
            {
                errors.AddRange(e.Messages);
            }
        }

        CheckNames(functions);
        CheckRoutes(functions);
        return errors.Count == 0
            ? [.. functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)]
            : throw new StartupException(errors);
    }

    private FunctionDescriptor Describe(string name, MethodInfo method)
    {
        var triggers = method.GetParameters()
            .Where(parameter => parameter.GetCustomAttribute<TriggerBindingAttribute>() is not null).ToList();
        if (triggers is not [var parameter])
        {
            throw new StartupException($"Function '{name}' ({method.DeclaringType!.FullName}.{method.Name}) has {triggers.Count} triggers; it must have one: " +
                "a parameter with [TimerTrigger], [ServiceBusTrigger] or [HttpTrigger].");
        }

        Trigger trigger = parameter.GetCustomAttribute<TriggerBindingAttribute>() switch
        {
            TimerTriggerAttribute timer => Timer(name, parameter, timer),
            ServiceBusTriggerAttribute queue => Queue(name, parameter, queue),
            HttpTriggerAttribute http => Http(name, parameter, http),
            var other => throw new StartupException($"Function '{name}' has the trigger {other!.GetType().Name}, which the local runtime does not know; " +
                "it knows TimerTrigger, ServiceBusTrigger and HttpTrigger."),
        };
        var bindings = method.GetParameters().Select(parameter => ParameterBindings.For(parameter, trigger)
            ?? throw new StartupException(
                $"Function '{name}': nothing can be bound to the parameter '{parameter.Name}' of type {parameter.ParameterType.Name}."));
        return new(name, method, trigger, DisabledFunctions.Contains(configuration, name), [.. bindings]);
    }

    private TimerTrigger Timer(string name, ParameterInfo parameter, TimerTriggerAttribute attribute)
    {
        var text = Resolve(name, attribute.Schedule);
        return TimerSchedule.TryParse(text, out var schedule, out var problem)
            ? new(parameter, schedule, attribute)
            : throw new StartupException(
                $"Function '{name}' has the schedule '{text}'{(text == attribute.Schedule ? "" : $" (from {attribute.Schedule})")}, " +
                $"which {problem}; a schedule has six fields, " +
                "second minute hour day month weekday, such as '0 0 3 * * *' for 03:00 UTC every day, or the last five of them.");
    }

    private QueueTrigger Queue(string name, ParameterInfo parameter, ServiceBusTriggerAttribute attribute) =>
        attribute is { QueueName: { } queue, IsSessionsEnabled: false, IsBatched: false }
            ? new(parameter, Resolve(name, queue), CompletesMessages(parameter))
            : throw new StartupException($"Function '{name}' uses a topic, sessions or batches; the local runtime has queues only, one message at a time.");

    // Only what is written counts: the attribute's property is false also where host.json is to decide.
    private bool CompletesMessages(ParameterInfo parameter) =>
        parameter.GetCustomAttributesData().SelectMany(attribute => attribute.NamedArguments)
            .Where(argument => argument.MemberName == nameof(ServiceBusTriggerAttribute.AutoCompleteMessages))
            .Select(argument => (bool)argument.TypedValue.Value!).DefaultIfEmpty(host.AutoCompleteMessages).First();

    private HttpTrigger Http(string name, ParameterInfo parameter, HttpTriggerAttribute attribute)
    {
        var route = Resolve(name, attribute.Route ?? name).Trim('/');
        if (HostJsonOptions.IsReserved(route))
        {
            throw new StartupException($"Function '{name}' has the route '{route}': routes must not begin with 'admin' or 'runtime', " +
                "which belong to the Functions host.");
        }

        var whole = host.RoutePrefix.Length == 0 ? route : $"{host.RoutePrefix}/{route}";
        try
        {
            RoutePatternFactory.Parse(whole);
        }
        catch (RoutePatternException e)
        {
            throw new StartupException($"Function '{name}' has the route '{route}', which is not a route: {e.Message}");
        }

        return new(parameter, whole, [.. (attribute.Methods ?? []).Select(method => method.ToUpperInvariant())], attribute.AuthLevel);
    }

    private void CheckNames(List<FunctionDescriptor> functions)
    {
        errors.AddRange(
            from function in functions
            where !FunctionName().IsMatch(function.Name)
            select $"Function '{function.Name}' ({function.EntryPoint}) has a name that the Functions host refuses: " +
                "it must begin with a letter and have at most 128 letters, digits, '_' and '-'.");
        errors.AddRange(
            from same in functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
            where same.Count() > 1
            let methods = string.Join(", ", same.Select(function => function.EntryPoint))
            select $"{same.Count()} functions have the name '{same.Key}': {methods}; a name must be unique.");
    }

    private void CheckRoutes(List<FunctionDescriptor> functions) => errors.AddRange(
        from function in functions
        let http = function.Trigger as HttpTrigger
        where http is not null
        from method in http.Methods.DefaultIfEmpty("ANY")
        group function by $"{method} /{Shape(http.Route)}" into same
        where same.Count() > 1
        select $"The functions {string.Join(" and ", same.Select(function => $"'{function.Name}'"))} have the same route and method, {same.Key}.");

    private string Resolve(string name, string text)
    {
        var unset = new List<string>();
        var resolved = Setting().Replace(text, match =>
        {
            var setting = match.Groups[1].Value;
            var value = configuration[setting] ?? configuration[setting.Replace("__", ":", StringComparison.Ordinal)];
            if (string.IsNullOrWhiteSpace(value))
            {
                unset.Add(setting);
            }

            return value ?? "";
        });
        return unset.Count == 0 ? resolved : throw new StartupException([.. unset.Select(setting =>
            $"Function '{name}' needs the setting '{setting}', which is not set: set it as an environment variable or in the Values of local.settings.json.")]);
    }

    // What tells routes apart: literals, whatever their case, and the constraints of placeholders, whatever their names.
    private static string Shape(string route) => string.Join('/', RoutePatternFactory.Parse(route).PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter =>
                $"{{{(parameter.IsCatchAll ? "*" : "")}{string.Concat(parameter.ParameterPolicies.Select(policy => $":{policy.Content}"))}}}",
            _ => "",
        }))));

    [GeneratedRegex("^(?!host$)[A-Za-z][A-Za-z0-9_-]{0,127}$", RegexOptions.IgnoreCase)]
    private static partial Regex FunctionName();

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
