using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>Says at start what is wrong with the section <c>Comments</c>, by the setting's name.</summary>
public sealed class CommentOptionsValidator(IServiceProvider services, IServiceProviderIsKeyedService known, IConfiguration configuration)
    : IValidateOptions<CommentOptions>
{
    public ValidateOptionsResult Validate(string? name, CommentOptions options)
    {
        List<string> problems = [.. UnresolvedReferences()];
        if (problems.Count > 0)
        {
            // Nothing more can be said of values that are not there.
            return ValidateOptionsResult.Fail(problems);
        }

        problems = [.. StoreProblems(options), .. SchemaProblems(options), .. RetentionProblems(options.Retention), .. ExpiryProblems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> UnresolvedReferences() => configuration.GetSection(CommentOptions.Section).GetChildren()
        .Where(setting => KeyVaultReference.IsUnresolved(setting.Value))
        .Select(setting => KeyVaultReference.Explain(setting.Path));

    private IEnumerable<string> StoreProblems(CommentOptions options)
    {
        if (StoreNames.Find(options.Store) is { } store && IsBuiltIn(store))
        {
            return services.GetRequiredKeyedService<CommentStore>(store).Check(options);
        }

        var allowed = string.Join(", ", StoreNames.All.Where(IsBuiltIn));
        return StoreNames.Find(options.Store) is StoreNames.Cosmos
            ? [$"Comments:Store is '{options.Store}', which needs an app built with FunctionsHost=azure, as a published one is. This build has: {allowed}."]
            : [$"Comments:Store is '{options.Store}'. Allowed: {allowed}."];
    }

    private IEnumerable<string> SchemaProblems(CommentOptions options) => SchemaNames.Find(options.Schema) is { } schema
        ? services.GetRequiredKeyedService<CommentSchema>(schema).Check(options)
        : [$"Comments:Schema is '{options.Schema}'. Allowed: {string.Join(", ", SchemaNames.All)}."];

    private static IEnumerable<string> ExpiryProblems(CommentOptions options)
    {
        var byItself = options.ExpireBy.Equals(CommentOptions.TimeToLive, StringComparison.OrdinalIgnoreCase);
        if (!byItself && !options.ExpireBy.Equals(CommentOptions.Job, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"Comments:ExpireBy is '{options.ExpireBy}'. Allowed: {CommentOptions.Job}, {CommentOptions.TimeToLive}.";
        }

        if (byItself && StoreNames.Find(options.Store) is not StoreNames.Cosmos)
        {
            yield return $"Comments:ExpireBy is {CommentOptions.TimeToLive}, which only Comments:Store Cosmos has. Allowed: {CommentOptions.Job}.";
        }

        if (options.RequestUnitsPerSecond is < 100 or > 1_000_000)
        {
            yield return $"Comments:RequestUnitsPerSecond is {options.RequestUnitsPerSecond}. Allowed: 100 to 1000000, what each container of Cosmos DB may spend in a second.";
        }
    }

    private bool IsBuiltIn(string store) => known.IsKeyedService(typeof(CommentStore), store);

    private static IEnumerable<string> RetentionProblems(string retention)
    {
        if (!Durations.TryParse(retention, out var age) || age < Retention.Shortest || age > Retention.Longest)
        {
            yield return $"Comments:Retention is '{retention}'. Allowed: {Durations.Form}, from 00:00:01 to 3650.00:00:00.";
        }
    }
}
