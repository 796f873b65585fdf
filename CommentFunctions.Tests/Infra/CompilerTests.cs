using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.Data.Support;

namespace CommentFunctions.Tests.Infra;

/// <summary>What the compiler of Bicep says, which knows each resource's properties.</summary>
[Requires(Reachable.Bicep)]
public class BicepCompilerTests
{
    [StoreFact]
    public async Task The_compiler_has_nothing_to_say() => Assert.Equal("", await CompileAsync(Infrastructure.Real));

    [StoreFact]
    public async Task The_compiler_sees_a_property_that_is_not_there() => Assert.Contains(
        "BCP089", await CompileAsync(Infrastructure.Real.With("modules/storage.bicep", "minimumTlsVersion: ", "minimalTlsVersion: ")), StringComparison.Ordinal);

    private static async Task<string> CompileAsync(Infrastructure infra)
    {
        var folder = Directory.CreateTempSubdirectory("infra");
        try
        {
            foreach (var (file, text) in infra.Files)
            {
                var path = Path.Combine(folder.FullName, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllTextAsync(path, text);
            }

            ProcessStartInfo start = new(Environment.GetEnvironmentVariable(Reachable.BicepVariable)!, ["build", "main.bicep", "--outfile", "main.json"])
            {
                WorkingDirectory = folder.FullName,
                // It needs no library of cultures, which not every machine has.
                Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
            };
            return (await Programs.RunAsync(start, "")).Error;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>What the parser of log queries says of those in infra/.</summary>
[Requires(Reachable.Kusto)]
public partial class KustoTests
{
    [StoreFact]
    public async Task Every_query_is_one() =>
        Assert.Empty((await CheckAsync(Queries(Infrastructure.Real))).SelectMany(problems => problems));

    [StoreFact]
    public async Task A_mistake_in_each_kind_of_query_is_seen()
    {
        (string File, string Text, string Mistake)[] mistakes =
        [
            ("queries/failures.kql", "where Success", "where Succeeded"),
            ("queries/cap-reached.kql", "has 'OverQuota'", "having 'OverQuota'"),
            ("queries/mask.kql", "text matches regex", "txt matches regex"),
            ("modules/masking.bicep", "Data = mask(Data)", "Dat = mask(Dat)"),
            ("workbook.json", "summarize Deleted = sum(Sum)", "summarize Deleted = sum(Summ)"),
        ];
        foreach (var (file, text, mistake) in mistakes)
        {
            Assert.NotEmpty((await CheckAsync(Queries(Infrastructure.Real.With(file, text, mistake)))).SelectMany(problems => problems));
        }
    }

    // Those of alerts, of the workbook, and of the rule, whose source is the table of its stream.
    private static List<Query> Queries(Infrastructure infra)
    {
        var resources = infra.Deploy("Cosmos").Resources().ToList();
        List<Query> queries =
        [
            .. Lists(resources.Where(r => r.Type == "Microsoft.Insights/scheduledQueryRules").Select(r => r.At("properties", "criteria", "allOf")))
                .Select(condition => new Query((string)condition["query"]!, null)),
            .. Lists(resources.Where(r => r.Type == "Microsoft.Insights/dataCollectionRules").Select(r => r.At("properties", "dataFlows")))
                .Select(flow => new Query((string)flow["transformKql"]!, $"{((IReadOnlyList<object?>)flow["streams"]!).Single()}".Split('-')[^1])),
        ];
        using var workbook = JsonDocument.Parse(infra.Files["workbook.json"]);
        queries.AddRange(workbook.RootElement.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("content"))
            .Where(content => content.TryGetProperty("query", out _))
            .Select(content => new Query(Parameter().Replace(content.GetProperty("query").GetString()!, "1h"), null)));
        Assert.True(queries.Count > 10);
        return queries;
    }

    private static IEnumerable<IReadOnlyDictionary<string, object?>> Lists(IEnumerable<object?> lists) =>
        lists.SelectMany(list => (IReadOnlyList<object?>)list!).Cast<IReadOnlyDictionary<string, object?>>();

    private static async Task<string[][]> CheckAsync(IReadOnlyList<Query> queries)
    {
        ProcessStartInfo start = new("node", [Path.Combine(AppContext.BaseDirectory, "Infra", "Kusto", "check.js")])
        {
            Environment = { ["NODE_PATH"] = Environment.GetEnvironmentVariable(Reachable.KustoVariable) },
        };
        var (output, error) = await Programs.RunAsync(start, JsonSerializer.Serialize(queries, JsonSerializerOptions.Web));
        return JsonSerializer.Deserialize<string[][]>(output.Length > 0 ? output : throw new InvalidOperationException(error))!;
    }

    private sealed record Query([property: System.Text.Json.Serialization.JsonPropertyName("query")] string Text, string? Table);

    // The workbook's own, such as {range:grain}.
    [GeneratedRegex(@"\{[\w:]+\}")]
    private static partial Regex Parameter();
}

/// <summary>Runs a program to its end.</summary>
internal static class Programs
{
    public static async Task<(string Output, string Error)> RunAsync(ProcessStartInfo start, string input)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync();
        var error = program.StandardError.ReadToEndAsync();
        await program.StandardInput.WriteAsync(input);
        program.StandardInput.Close();
        await program.WaitForExitAsync();
        return (await output, await error);
    }
}
