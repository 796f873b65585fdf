using System.Reflection;
using System.Text.RegularExpressions;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Tests.Infra;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests;

/// <summary>Who may call what is said once, and code, keys and documentation say the same.</summary>
public partial class CallersTests
{
    // How operations.md names who calls, and what limits them.
    private static readonly Dictionary<Caller, (string Right, string Limit)> Words = new()
    {
        [Caller.Anyone] = ("anyone", "address"),
        [Caller.Web] = ("web channel", "address"),
        [Caller.Service] = ("the service's secret", "address, without the secret"),
        [Caller.Post] = ("post", "none"),
        [Caller.Operate] = ("operate", "none"),
        [Caller.Channels] = ("channels", "none"),
    };

    private static readonly string[] AboutAConversation = ["PostBotMessage", "GetConversation"];

    [Fact]
    public void Every_HTTP_function_has_its_callers_and_nothing_else_has() => Assert.Equal(
        HttpFunction.All.Select(function => function.Name), Callers.ByFunction.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void What_a_right_opens_takes_a_key_and_nothing_else_does() => Assert.All(HttpFunction.All, function => Assert.Equal(
        Callers.Rights.Values.Any(functions => functions.Contains(function.Name)) ? AuthorizationLevel.Function : AuthorizationLevel.Anonymous,
        function.Level));

    /// <summary>The local runtime lets tunnels reach these by their routes.</summary>
    [Fact]
    public void Services_call_what_is_anonymous_below_channels() => Assert.All(HttpFunction.All, function => Assert.Equal(
        function.Level == AuthorizationLevel.Anonymous && function.Route.StartsWith("channels/", StringComparison.Ordinal),
        Callers.ByFunction[function.Name] == Caller.Service));

    [Fact]
    public void Operations_has_a_row_for_every_route_with_its_right_and_limit()
    {
        var operations = File.ReadAllText(Path.Combine(Infrastructure.Repository, "docs", "operations.md"));
        var rows = Row().Matches(operations).Select(row => (Route: row.Groups[1].Value, Right: row.Groups[2].Value, Limit: row.Groups[3].Value)).ToList();
        var functions = HttpFunction.All.Select(function =>
        {
            var (right, limit) = Words[Callers.ByFunction[function.Name]];
            return ($"{string.Join(", ", function.Methods)} /api/{function.Route}", right, AboutAConversation.Contains(function.Name) ? limit + ", conversation" : limit);
        });

        Assert.Equal(functions.Order(), rows.Order());
    }

    [Fact]
    public void The_keys_that_a_deployment_makes_are_those_of_the_rights()
    {
        var lines = Infrastructure.Real.Files["function-keys.txt"].Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            Callers.Rights.SelectMany(right => right.Value.Select(function => $"{right.Key} {function}")).Order(StringComparer.Ordinal),
            lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_deployment_makes_the_keys_by_scripts_that_are_there()
    {
        var hooks = File.ReadAllText(Path.Combine(Infrastructure.Repository, "azure.yaml")).Split("postdeploy:")[1];
        var scripts = Script().Matches(hooks).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(["infra/function-keys.sh", "infra/function-keys.ps1"], scripts);
        Assert.All(scripts, script => Assert.True(File.Exists(Path.Combine(Infrastructure.Repository, script))));
    }

    [Fact]
    public void Operations_reads_the_key_of_each_right_from_a_function_of_it()
    {
        var operations = File.ReadAllText(Path.Combine(Infrastructure.Repository, "docs", "operations.md"));
        var read = KeyOf().Matches(operations).ToDictionary(match => match.Groups[2].Value, match => match.Groups[1].Value);

        Assert.Equal(Callers.Rights.Keys.Order(), read.Keys.Order());
        Assert.All(read, key => Assert.Contains(key.Value, Callers.Rights[key.Key]));
    }

    // Of four cells, the last being what a stranger learns.
    [GeneratedRegex(@"^\| `([A-Z, ]+ /api/[^`]+)` \| ([^|]+) \| ([^|]+) \| [^|]{3,} \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"run: \./(\S+)")]
    private static partial Regex Script();

    [GeneratedRegex(@"\$\(keyof (\w+) (\w+)\)")]
    private static partial Regex KeyOf();
}

/// <summary>An HTTP function, as its attributes declare it.</summary>
internal sealed record HttpFunction(string Name, string Route, IReadOnlyList<string> Methods, AuthorizationLevel Level)
{
    /// <summary>All of the app, by name.</summary>
    public static IReadOnlyList<HttpFunction> All { get; } =
    [
        .. from method in typeof(Comment).Assembly.GetExportedTypes().SelectMany(type => type.GetMethods())
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           from parameter in method.GetParameters()
           let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
           where trigger is not null
           orderby function.Name
           select new HttpFunction(function.Name, trigger.Route!, [.. trigger.Methods!.Select(m => m.ToUpperInvariant())], trigger.AuthLevel),
    ];

    /// <summary>The path of a call: the placeholders are names that mean nothing to the app.</summary>
    public string Path => "api/" + Regex.Replace(Route, @"\{queue\}", "bot-replies").Replace("{sequenceNumber}", "1", StringComparison.Ordinal)
        .Replace("{id}", "01a20266-d027-7247-b9c9-b41651312ca7", StringComparison.Ordinal).Replace("{file}", "chat.js", StringComparison.Ordinal)
        .Replace("{userName}", "ann", StringComparison.Ordinal).Replace("{conversation}", "demo", StringComparison.Ordinal);
}
