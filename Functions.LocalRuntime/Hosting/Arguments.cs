using System.Globalization;
using System.Text.Json.Nodes;
using Functions.LocalRuntime.Settings;

namespace Functions.LocalRuntime.Hosting;

/// <summary>What the command line asks for.</summary>
internal enum Command
{
    Serve,
    Run,
    List,
    Help,
}

/// <summary>The command line of an app on the local runtime.</summary>
/// <param name="Command">What to do.</param>
/// <param name="Port">The loopback port to serve on; null for the one of local.settings.json.</param>
/// <param name="Urls">The addresses to serve on instead; null for loopback alone.</param>
/// <param name="Function">The function to run, or to say more of.</param>
/// <param name="Values">Its named values.</param>
/// <param name="Settings">Settings of the app, as <c>--Name=value</c> or <c>--Name value</c>.</param>
internal sealed record Arguments(Command Command, int? Port, string[]? Urls, string? Function, JsonObject? Values, string[] Settings)
{
    public const string Usage = """
        Usage, after `dotnet run --project <app> --`:
          [--port N] [--Setting value …]    serve: timers, queues and HTTP, until Ctrl-C
          [--urls http://0.0.0.0:8080]      serve on these addresses, with ';' between them, not on loopback alone
          run <Function> [--name value …]   run one function once; exit 0 when it succeeded, else 1
          run <Function> --help             list the values that the function takes
          list [--json]                     name the functions, with their next runs
          help                              this text
        For `run`, the values of an HTTP function go to its route, query and JSON body by name; a queue function takes --body.
        """;

    private static Arguments Help => new(Command.Help, null, null, null, null, []);

    /// <exception cref="StartupException">The command line makes no sense.</exception>
    public static Arguments Parse(string[] args) => args switch
    {
        [] => new(Command.Serve, null, null, null, null, []),
        ["run", var function, .. var rest] when !function.StartsWith('-') => Run(function, Named(rest)),
        ["run" or "list", "--help" or "-h" or "-?"] => Help,
        ["run", ..] => throw new StartupException(["`run` needs the name of a function.", Usage]),
        ["list"] or ["list", "--json"] => new(Command.List, null, null, null, Named(args[1..]), []),
        ["help" or "--help" or "-h" or "-?"] => Help,
        [var first, ..] when first.StartsWith("--", StringComparison.Ordinal) => Serve(args),
        [var first, ..] => throw new StartupException([$"Unknown command '{first}'.", Usage]),
    };

    private static Arguments Run(string function, JsonObject values) =>
        new(values.ContainsKey("help") ? Command.Help : Command.Run, null, null, function, values, []);

    private static Arguments Serve(string[] args)
    {
        var values = Named(args);
        if (values.ContainsKey("help"))
        {
            return Help;
        }

        int? port = null;
        if (Take(values, "port") is { } number)
        {
            port = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed <= ushort.MaxValue
                ? parsed
                : throw new StartupException($"--port must be a number from 0 (any free port) to {ushort.MaxValue}; it is '{number}'.");
        }

        var urls = Take(values, "urls")?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls is not null && (port is not null || urls.Length == 0 || !Array.TrueForAll(urls, IsHttp)))
        {
            throw new StartupException("--urls must be addresses such as http://0.0.0.0:8080, with ';' between them, and goes without --port. "
                + "TLS is ended by a reverse proxy.");
        }

        return new(Command.Serve, port, urls, null, null, [.. values.Select(value => $"--{value.Key}={value.Value}")]);
    }

    private static bool IsHttp(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http", PathBase: "", IsUnixPipe: false };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string? Take(JsonObject values, string name) => values.Remove(name, out var value) ? (string?)value : null;

    private static JsonObject Named(string[] args)
    {
        var values = new JsonObject();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--help" or "-h" or "-?")
            {
                values["help"] = "true";
                continue;
            }

            if (!args[i].StartsWith("--", StringComparison.Ordinal) || args[i].Length < 3)
            {
                throw new StartupException([$"'{args[i]}' has no name; write --name value.", Usage]);
            }

            var (name, value) = args[i][2..].Split('=', 2) is [var left, var right] ? (left, right) : (args[i][2..], null);
            values[name] = value ?? (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : "true");
        }

        return values;
    }
}
