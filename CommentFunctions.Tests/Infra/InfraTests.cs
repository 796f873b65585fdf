using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Infra.Bicep;

namespace CommentFunctions.Tests.Infra;

public class InfraTests
{
    public static TheoryData<string> Rules => [.. InfraRules.All.Keys];

    // What is broken: the rule that has to see it, the file, the text that is there, and what takes its place.
    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        { "Queues", "modules/servicebus.bicep", "'bot-replies'", "'bot-answers'" },
        { "Queues", "modules/servicebus.bicep", "requiresDuplicateDetection: true", "requiresDuplicateDetection: false" },
        { "Queues", "modules/servicebus.bicep", "deadLetteringOnMessageExpiration: true", "" },
        { "Containers", "modules/cosmos.bicep", "name: 'deliveries'", "name: 'delivered'" },
        { "Containers", "modules/cosmos.bicep", "partitionKey: '/conversation'", "partitionKey: '/id'" },
        { "Containers", "modules/cosmos.bicep", "{ path: '/keptSince/?' }", "{ path: '/repliedAt/?' }" },
        { "Containers", "modules/cosmos.bicep", "partitionKey: '/partition'", "partitionKey: '/id'" },
        { "Containers", "modules/cosmos.bicep", "(retentionHours + 24) * 3600", "48 * 3600" },
        { "Containers", "modules/cosmos.bicep", "max(retentionHours, 24)", "retentionHours" },
        { "Containers", "modules/cosmos.bicep", "31 * 24 * 3600", "29 * 24 * 3600" },
        { "Containers", "modules/cosmos.bicep", "path: '/receivedAt', order: 'descending'", "path: '/receivedAt', order: 'ascending'" },
        { "Containers", "modules/cosmos.bicep", "excludedPaths: [{ path: '/*' },", "excludedPaths: [" },
        { "Grants", "modules/storage.bicep", "principalId: appPrincipalId", "" },
        { "Grants", "modules/storage.bicep", "principalType: 'ServicePrincipal'", "" },
        { "Grants", "modules/storage.bicep", "  scope: account\n", "" },
        { "Grants", "modules/storage.bicep", "guid(account.id, appPrincipalId, blobDataOwner)", "'a-name'" },
        { "Grants", "modules/keyvault.bicep", "principalType: operatorType", "" },
        { "Keys", "modules/storage.bicep", "account.properties.primaryEndpoints.blob\n", "account.listKeys().keys[0].value\n" },
        { "Keys", "modules/postgres.bicep", "SSL Mode=VerifyFull;", "SSL Mode=VerifyFull;Password=hunter2;" },
        { "Keys", "modules/app.bicep", "'ClientId=${identityClientId};Authorization=AAD'", "'AccountKey=bm90IGEgc2VjcmV0'" },
        { "Keys", "main.parameters.json", "${ALERT_EMAIL}", "Zm9yIHRlc3RzIG9ubHksIG5vdCBhIHNlY3JldCBhdCBhbGwgMTIz" },
        { "Keys", "local/local.settings.json", "SAS_KEY_VALUE", "c29tZWJvZHkncyBvd24ga2V5" },
        { "Keys", "local/local.settings.json", "published by Microsoft", "known" },
        { "LocalSignIn", "modules/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true" },
        { "LocalSignIn", "modules/servicebus.bicep", "disableLocalAuth: true", "disableLocalAuth: false" },
        { "LocalSignIn", "modules/cosmos.bicep", "disableLocalAuth: true", "" },
        { "LocalSignIn", "modules/monitoring.bicep", "DisableLocalAuth: true", "DisableLocalAuth: false" },
        { "LocalSignIn", "modules/workspace.bicep", "disableLocalAuth: true", "disableLocalAuth: false" },
        { "LocalSignIn", "modules/postgres.bicep", "passwordAuth: 'Disabled'", "passwordAuth: 'Enabled'" },
        { "Declarations", "modules/identity.bicep", "tags: tags", "tags: {}" },
        { "Declarations", "modules/identity.bicep", "@description('Where the identity is.')", "" },
        { "Metrics", "workbook.json", "Name == 'comments.expired.deleted'", "Name == 'comments.deleted'" },
        { "Metrics", "workbook.json", "`bot.replies`", "`bot.answers`" },
        { "Settings", "modules/app.bicep", "CommentExpirySchedule: expirySchedule", "ExpirySchedule: expirySchedule" },
        { "Settings", "modules/app.bicep", "OTEL_TRACES_SAMPLER: ", "OTEL_SAMPLER: " },
        { "Settings", "modules/cosmos.bicep", "Comments__AccountEndpoint: ", "Comments__Endpoint: " },
        { "Settings", "modules/postgres.bicep", "Comments__CreateSchema: 'true'", "" },
        { "Channels", "modules/channels.bicep", "'${secret}Telegram--BotToken)'", "'${secret}Telegram--Token)'" },
        { "Channels", "modules/channels.bicep", "Channels__Signal__Number: signalNumber", "" },
        { "Channels", "modules/channels.bicep", "telegram ? telegramSettings : {}", "telegramSettings" },
        { "Channels", "modules/channels.bicep", "webChannel ? 'true' : 'false'", "'true'" },
        { "Channels", "main.bicep", "param webChannel bool = false", "param webChannel bool = true" },
        { "Connections", "modules/app.bicep", "ServiceBus__clientId: identityClientId", "" },
        { "Connections", "modules/app.bicep", "ServiceBus__credential: 'managedidentity'", "ServiceBus__credential: ''" },
        { "Connections", "modules/app.bicep", "AzureWebJobsStorage__credential: 'managedidentity'", "AzureWebJobsStorage: 'UseDevelopmentStorage=true'" },
        { "Connections", "modules/postgres.bicep", "Comments__ClientId: appClientId", "" },
        { "Parameters", "modules/app.bicep", "retentionHours / 24", "retentionHours" },
        { "Parameters", "modules/app.bicep", "CommentExpirySchedule: expirySchedule", "CommentExpirySchedule: '0 0 3 * * *'" },
        { "Outputs", "main.bicep", "output AZURE_OPERATOR_NAME", "output OPERATOR_NAME" },
        { "Ceilings", "modules/workspace.bicep", "workspaceCapping: { dailyQuotaGb: dailyLogGigabytes }", "" },
        { "Ceilings", "main.bicep", "param monthlyBudget int = 100", "param monthlyBudget int = 0" },
        { "Ceilings", "modules/alerts.bicep", "if (monthlyBudget > 0)", "" },
        { "Ceilings", "modules/alerts.bicep", "threshold: 80", "threshold: 100" },
        { "Ceilings", "main.bicep", "budgetStart: empty(budgetStart) ? thisMonth : budgetStart", "budgetStart: thisMonth" },
        { "Pools", "main.bicep", "var functionGroups = 5", "var functionGroups = 4" },
        { "Pools", "modules/postgres.bicep", "share > 0\n  ? min(share, 8)\n  : fail(", "share > 0\n  ? min(share, 8)\n  : max(1, 0) //" },
        { "Pools", "modules/postgres.bicep", "min(share, 8)", "8" },
        { "Pools", "main.bicep", "maximumInstanceCount * functionGroups", "maximumInstanceCount" },
        { "Availability", "modules/alerts.bicep", "  { Id: 'us-va-ash-azr' }\n  { Id: 'apac-sg-sin-azr' }\n", "" },
        { "Availability", "modules/alerts.bicep", "failedLocationCount: 2", "failedLocationCount: 1" },
        { "Availability", "modules/alerts.bicep", "'\"expiryOverdue\":true'", "'\"overdue\":true'" },
        { "Availability", "modules/alerts.bicep", "'\"expiryOverdue\":true'", "'\"expiryOverdue\":'" },
        { "Availability", "modules/alerts.bicep", "PassIfTextFound: false", "PassIfTextFound: true" },
        { "Counting", "modules/alerts.bicep", "timeAggregation: 'Total'", "timeAggregation: 'Count'" },
        { "Counting", "queries/failures.kql", "| project TimeGenerated, Failures = ItemCount", "| project TimeGenerated, Failures = 1" },
        { "Counting", "workbook.json", "Failures = sum(ItemCount)", "Failures = count()" },
        { "Masking", "queries/mask.kql", "iif(text matches regex @'(?i)/api/(users|bot/conversations)/", "iif(text matches regex @'(?i)/api/(users)/" },
        { "Masking", "queries/mask.kql", "][^/?\"\\s]*(.*)$'", "][^/?\"\\s](.*)$'" },
        { "Masking", "queries/mask.kql", "source\n", "source\n| summarize count()\n" },
        { "Masking", "modules/masking.bicep", "name: 'AppTraces'", "name: 'AppEvents'" },
        { "Masking", "modules/monitoring.bicep", "ruleId: masking.outputs.ruleId", "ruleId: ''" },
        { "Closed", "main.bicep", "param vnetEnabled bool = false", "param vnetEnabled bool = true" },
        { "Closed", "main.bicep", "subnetId: vnetEnabled ? network!.outputs.appSubnetId : ''", "subnetId: ''" },
        { "Closed", "main.bicep", "'privatelink.vaultcore.azure.net'", "'privatelink.vault.azure.net'" },
        { "Closed", "main.bicep", "part: store == 'Cosmos' ? 'Sql' : 'postgresqlServer'", "part: 'Sql'" },
        { "Closed", "modules/network.bicep", "Microsoft.App/environments", "Microsoft.Web/serverFarms" },
        { "Closed", "modules/storage.bicep", "closed ? 'Disabled' : 'Enabled'", "'Enabled'" },
        { "Closed", "modules/cosmos.bicep", "closed && !empty(operatorAddress) ? [{ ipAddressOrRange: operatorAddress }] : []", "[]" },
        { "Closed", "modules/keyvault.bicep", "closed ? 'Deny' : 'Allow'", "'Allow'" },
        { "Closed", "modules/servicebus.bicep", "name: 'Premium'", "name: 'Standard'" },
        { "Closed", "modules/postgres.bicep", " = if (!closed) {", " = {" },
        { "Rights", "modules/servicebus.bicep", "scope: queues[index]", "scope: namespace" },
        { "Rights", "modules/servicebus.bicep", "'090c5cfd-751d-490a-894a-3ce6f1109419'", "'4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'" },
        { "Rights", "modules/postgres.bicep", "name: operatorId", "name: appClientId" },
        { "Rights", "modules/keyvault.bicep", "categoryGroup: 'audit'", "categoryGroup: 'allLogs'" },
        { "Rights", "modules/keyvault.bicep", "purgeProtection ? true : null", "true" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_rule_holds(string rule) => Assert.Empty(InfraRules.All[rule](Infrastructure.Real));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void The_rule_sees_a_mistake(string rule, string file, string text, string mistake) =>
        Assert.NotEmpty(InfraRules.All[rule](Infrastructure.Real.With(file, text, mistake)));

    [Fact]
    public void Every_rule_has_been_seen_to_fail() => Assert.Equal(
        InfraRules.All.Keys.Order(StringComparer.Ordinal),
        Mistakes.Select(m => (string)m[0]).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Cosmos", "Microsoft.DocumentDB/databaseAccounts", "Microsoft.DBforPostgreSQL/flexibleServers")]
    [InlineData("Postgres", "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.DocumentDB/databaseAccounts")]
    public void One_store_is_made_and_not_the_other(string store, string made, string other)
    {
        var types = Infrastructure.Real.Deploy(store).Resources().Select(r => r.Type).ToList();

        Assert.Contains(made, types);
        Assert.DoesNotContain(other, types);
    }

    [Fact]
    public void Without_an_operator_only_the_app_is_given_roles()
    {
        var infra = Infrastructure.Real;
        var grants = infra.Deploy("Cosmos", ("principalId", "")).Resources()
            .Where(r => r.Type.EndsWith("oleAssignments", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(grants);
        Assert.All(grants, grant => Assert.Equal("<identity.properties.principalId>", $"{grant.At("properties", "principalId")}"));
    }

    [Fact]
    public void The_app_is_on_the_plan_that_costs_nothing_while_idle()
    {
        var resources = Infrastructure.Real.Deploy("Cosmos").Resources().ToList();
        var scale = new[] { "properties", "functionAppConfig", "scaleAndConcurrency" };
        var app = resources.Single(r => r.Type == "Microsoft.Web/sites");

        Assert.Equal("FC1", resources.Single(r => r.Type == "Microsoft.Web/serverfarms").At("sku", "name"));
        Assert.Empty((IReadOnlyList<object?>)app.At([.. scale, "alwaysReady"])!);
        Assert.Equal("UserAssignedIdentity", app.At("properties", "functionAppConfig", "deployment", "storage", "authentication", "type"));
        Assert.Equal(
            "10.0",
            app.At("properties", "functionAppConfig", "runtime", "version"));
    }

    [Fact]
    public void The_workbook_asks_the_workspace()
    {
        var workbook = Infrastructure.Real.Deploy("Cosmos").Resources().Single(r => r.Symbol == "workbook");
        using var content = System.Text.Json.JsonDocument.Parse((string)workbook.At("properties", "serializedData")!);
        var queries = content.RootElement.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("content"))
            .Where(item => item.TryGetProperty("query", out _))
            .ToList();

        Assert.True(queries.Count > TelemetryNames.Metrics.Count);
        Assert.All(queries, query => Assert.Equal("<workspace.id>", query.GetProperty("crossComponentResources")[0].GetString()));
    }

    [Fact]
    public void Every_parameter_that_azd_fills_is_one_of_the_template()
    {
        using var file = System.Text.Json.JsonDocument.Parse(Infrastructure.Real.Files["main.parameters.json"]);
        var filled = file.RootElement.GetProperty("parameters").EnumerateObject().Select(p => p.Name);
        var declared = BicepParser.Parse(Infrastructure.Real.Files["main.bicep"]).Where(s => s is { Keyword: "param", Value: not Call { Function: "utcNow" } }).Select(s => s.Name);

        Assert.Empty(InfraRules.Differences("parameter", declared, filled));
    }
}
