using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data;

public class CommentOptionsTests
{
    [Theory]
    [InlineData("24:00:00")]
    [InlineData("6")]
    [InlineData("1.0")]
    [InlineData("-1.00:00:00")]
    [InlineData("00:00:00.999")]
    [InlineData("3650.00:00:00.001")]
    [InlineData("99999999.00:00:00")]
    [InlineData("a day")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1 d")]
    [InlineData("1.5h")]
    [InlineData("1D")]
    [InlineData("3651d")]
    [InlineData("99999999d")]
    [InlineData("")]
    public async Task A_retention_that_is_none_stops_the_start_and_says_what_is_allowed(string retention)
    {
        var problem = await StartFailsAsync("Comments:Retention", retention);

        Assert.Contains($"Comments:Retention is '{retention}'", problem, StringComparison.Ordinal);
        Assert.Contains("[d.]hh:mm:ss", problem, StringComparison.Ordinal);
        Assert.Contains("from 00:00:01 to 3650.00:00:00", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:01", 1)]
    [InlineData("1.00:00:00", 86_400)]
    [InlineData("7d", 604_800)]
    [InlineData("12h", 43_200)]
    [InlineData("90m", 5_400)]
    [InlineData("45s", 45)]
    [InlineData("3650.00:00:00", 315_360_000)]
    public async Task A_retention_is_days_hours_minutes_and_seconds(string retention, double seconds)
    {
        await using var app = await TestApp.StartAsync(new() { ["Comments:Retention"] = retention });

        Assert.Equal(TimeSpan.FromSeconds(seconds), app.Retention.Age);
    }

    [Theory]
    [InlineData("Oracle")]
    [InlineData("")]
    public async Task An_unknown_store_stops_the_start_and_says_which_there_are(string store)
    {
        var problem = await StartFailsAsync("Comments:Store", store);

        Assert.Contains($"Comments:Store is '{store}'. Allowed: Sqlite", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_on_a_store_that_takes_none_stops_the_start_and_says_which_do()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(new() { ["Comments:Schema"] = "Django", ["Comments:Store"] = "Cosmos" }));

        Assert.Contains("Comments:Schema is Django, which takes Comments:Store Sqlite or Postgres.", failure.Failures);
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=x;Mode=Memory")]
    [InlineData("Colour=red")]
    [InlineData("nonsense")]
    [InlineData("Pooling=True")]
    public async Task A_connection_string_without_a_file_stops_the_start(string connectionString)
    {
        var problem = await StartFailsAsync("Comments:ConnectionString", connectionString);

        Assert.Contains("Comments:ConnectionString", problem, StringComparison.Ordinal);
        Assert.Contains("Allowed: Data Source=<file>", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Comments:ConnectionString")]
    [InlineData("Comments:AccountEndpoint")]
    [InlineData("Comments:ClientId")]
    [InlineData("Comments:Retention")]
    public async Task A_reference_to_a_vault_that_was_not_resolved_is_no_value(string setting)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestApp.StartAsync(new() { [setting] = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x)" }));

        Assert.StartsWith($"{setting} is a Key Vault reference that was not resolved. See to it", Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, ".local/comments.db")]
    [InlineData("Data Source=data/x.db", "data/x.db")]
    public async Task A_relative_file_is_below_the_content_root(string? connectionString, string file)
    {
        await using var app = await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = connectionString });

        Assert.True(File.Exists(Path.Combine(app.Folder, file)));
    }

    private static async Task<string> StartFailsAsync(string setting, string value) =>
        (await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(new() { [setting] = value }))).Message;
}
