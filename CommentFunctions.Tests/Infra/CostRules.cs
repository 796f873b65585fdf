using System.Data.Common;
using System.Globalization;
using System.Reflection;
using CommentFunctions.Data;
using CommentFunctions.Tests.Infra.Bicep;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of the limits that infra/ sets, to costs and to what instances take together.</summary>
internal static class CostRules
{
    /// <summary>The operator hears of the month's costs before they are all spent, and logs cannot cost more than their cap.</summary>
    public static IEnumerable<string> Ceilings(Infrastructure infra)
    {
        foreach (var workspace in infra.Resources().Where(r => r.Type == "Microsoft.OperationalInsights/workspaces"))
        {
            if (workspace.At("properties", "workspaceCapping", "dailyQuotaGb") is not > 0L)
            {
                yield return $"{workspace.Place} takes in any amount.";
            }
        }

        var budget = Budget(infra);
        if (budget?.At("properties", "amount") is not 100L || budget.At("properties", "notifications") is not IReadOnlyDictionary<string, object?> told)
        {
            yield return "There is no budget of the usual amount.";
            yield break;
        }

        foreach (var (name, notification) in told)
        {
            if (notification is not IReadOnlyDictionary<string, object?> { } when
                || when["enabled"] is not true
                || when["contactGroups"] is not IReadOnlyList<object?> { Count: > 0 })
            {
                yield return $"The notification {name} of the budget reaches nobody.";
            }
        }

        if (!told.Values.Any(n => n is IReadOnlyDictionary<string, object?> early && early["threshold"] is < 100L))
        {
            yield return "The budget tells only when it is spent.";
        }

        if (Budget(infra, ("monthlyBudget", 0L)) is not null)
        {
            yield return "There is a budget though none is wanted.";
        }

        if (Budget(infra, ("budgetStart", "2026-01-01"))?.At("properties", "timePeriod", "startDate") is not "2026-01-01")
        {
            yield return "The budget's first month changes with each deployment.";
        }
    }

    /// <summary>All instances of all groups of functions together open no more connections than the PostgreSQL server takes.</summary>
    public static IEnumerable<string> Pools(Infrastructure infra)
    {
        foreach (var (size, taken) in ConnectionsBySize(infra))
        {
            foreach (var most in new long[] { 1, 7, 40, 100, 1000 })
            {
                var instances = most * Groups();
                long pool;
                try
                {
                    pool = PoolSize(infra, ("postgresSize", size), ("maximumInstanceCount", most));
                }
                catch (DeploymentRefusedException) when (taken < instances)
                {
                    continue;
                }

                if (pool < 1 || pool * instances > taken)
                {
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{size} takes {taken} connections, and {most} instances of each of {Groups()} groups with {pool} each open {pool * instances}.");
                }
            }
        }
    }

    /// <summary>How many connections an instance may open.</summary>
    public static long PoolSize(Infrastructure infra, params (string Name, object? Value)[] arguments)
    {
        DbConnectionStringBuilder settings = new() { ConnectionString = $"{SettingRules.Given(infra, "Postgres", arguments)["Comments__ConnectionString"]}" };
        return long.Parse($"{settings["Maximum Pool Size"]}", CultureInfo.InvariantCulture);
    }

    /// <summary>What scales by itself in the Flex Consumption plan: all functions with HTTP as one, and each other function.</summary>
    public static long Groups()
    {
        var triggers = typeof(CommentOptions).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods())
            .Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null)
            .Select(m => m.GetParameters().Select(p => p.GetCustomAttribute<TriggerBindingAttribute>()).Single(t => t is not null))
            .ToList();
        return triggers.Count(t => t is not HttpTriggerAttribute) + (triggers.Any(t => t is HttpTriggerAttribute) ? 1 : 0);
    }

    private static DeployedResource? Budget(Infrastructure infra, params (string Name, object? Value)[] arguments) =>
        infra.Deploy("Cosmos", arguments).Resources().SingleOrDefault(r => r.Type == "Microsoft.Consumption/budgets");

    // What the template says of each size.
    private static IEnumerable<(string Size, long Taken)> ConnectionsBySize(Infrastructure infra) =>
        ((ObjectLiteral)BicepParser.Parse(infra.Files["modules/postgres.bicep"]).Single(s => s is { Keyword: "var", Name: "connections" }).Value!)
        .Properties.Select(p => (Size: (string)((Constant)((Interpolation)p.Key).Parts.Single()).Value!, Taken: (long)((Constant)p.Value).Value!));
}
