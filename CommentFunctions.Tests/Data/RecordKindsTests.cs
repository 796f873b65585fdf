using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Data;

/// <summary>What the declarations of records become in a database. Existing databases have these names: a start looks for them.</summary>
public class RecordKindsTests
{
    private const string OwnTables = "Comments ConversationTurns DeliveredReplies ExpiryRuns SchemaVersions Users";

    private const string SiteTables =
        "auth_user commentfunctions_conversation_turns commentfunctions_delivered_replies commentfunctions_expiry_runs commentfunctions_schema_versions comments_comment";

    [Theory]
    [InlineData("Sqlite", "Own", OwnTables)]
    [InlineData("Postgres", "Own", OwnTables)]
    [InlineData("Sqlite", "Django", SiteTables)]
    [InlineData("Postgres", "Django", SiteTables)]
    public void Tables_have_the_names_that_existing_databases_have(string store, string schema, string tables) =>
        Assert.Equal(
            tables, string.Join(' ', Model(store, schema).GetEntityTypes().Select(type => type.GetTableName()).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData(typeof(Comment), "CreatedAt | UserName CreatedAt Id")]
    [InlineData(typeof(ConversationExchange), "Conversation ReceivedAt | KeptSince")]
    [InlineData(typeof(DeliveredReply), "DeliveredAt")]
    [InlineData(typeof(ExpiryRun), "StartedAt")]
    public void Old_records_and_lists_are_found_by_an_index(Type type, string indexes) => Assert.Equal(
        indexes,
        string.Join(" | ", Model("Sqlite", "Own").FindEntityType(type)!.GetIndexes()
            .Select(index => string.Join(' ', index.Properties.Select(p => p.Name))).Order(StringComparer.Ordinal)));

    [Fact]
    public void Columns_keep_their_types() => Assert.Equal(
        "Cutoff INTEGER, Deleted INTEGER, DryRun INTEGER, Duration INTEGER, Error TEXT, Id TEXT, OlderThan INTEGER, Outcome TEXT, "
            + "StartedAt INTEGER, TriggeredBy TEXT, Work TEXT",
        string.Join(", ", Model("Sqlite", "Own").FindEntityType(typeof(ExpiryRun))!.GetProperties()
            .Select(p => $"{p.GetColumnName()} {p.GetColumnType()}").Order(StringComparer.Ordinal)));

    [Fact]
    public void Of_several_attempts_that_take_over_a_claim_one_succeeds() => Assert.Equal(
        [nameof(DeliveredReply.DeliveredAt)],
        Model("Postgres", "Own").GetEntityTypes().SelectMany(type => type.GetProperties()).Where(p => p.IsConcurrencyToken).Select(p => p.Name));

    private static IModel Model(string store, string schema)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Comments:Store"] = store,
            ["Comments:Schema"] = schema,
            ["Comments:ConnectionString"] = store == "Sqlite" ? "Data Source=none.db" : "Host=none;Database=none",
            ["Comments:Django:TimeZone"] = "UTC",
        });
        builder.AddStores();
        builder.AddData();
        TestApp.AllowManyStores(builder.Services);
        using var services = builder.Services.BuildServiceProvider();
        using var scope = services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<CommentDbContext>().GetService<IDesignTimeModel>().Model;
    }
}
