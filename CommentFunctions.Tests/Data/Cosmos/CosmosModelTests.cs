using CommentFunctions.Data;
using CommentFunctions.Tests.Hosts;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data.Cosmos;

public class CosmosModelTests
{
    private const string Account = "AccountEndpoint=https://localhost:8081/;AccountKey=AAAA";

    [Theory]
    [InlineData(typeof(User), "users", "UserName")]
    [InlineData(typeof(Comment), "comments", "UserName")]
    [InlineData(typeof(ConversationExchange), "conversations", "Conversation")]
    [InlineData(typeof(DeliveredReply), "deliveries", "Id")]
    [InlineData(typeof(ExpiryRun), "runs", "partition")]
    public void Each_type_has_a_container_of_its_own(Type type, string container, string partitionKey)
    {
        var entity = Model().FindEntityType(type)!;

        Assert.Equal(container, entity.GetContainer());
        Assert.Equal([partitionKey], entity.GetPartitionKeyPropertyNames());
        Assert.Null(entity.FindDiscriminatorProperty());
        Assert.Single(entity.GetProperties(), p => CosmosPropertyExtensions.GetJsonPropertyName(p) == "id");
    }

    [Fact]
    public void Names_are_in_camel_case_and_times_are_numbers()
    {
        var comment = Model().FindEntityType(typeof(Comment))!;

        Assert.Equal(
            ["createdAt", "id", "savedAs", "text", "userName"],
            comment.GetProperties().Select(CosmosPropertyExtensions.GetJsonPropertyName).Where(n => n.Length > 0).Order(StringComparer.Ordinal));
        Assert.Equal(typeof(long), comment.FindProperty(nameof(Comment.CreatedAt))!.GetTypeMapping().Converter!.ProviderClrType);
    }

    [Fact]
    public void A_users_latest_comment_is_a_query_of_one_partition()
    {
        using var services = Services();
        using var scope = services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();

        var query = db.Comments.Where(c => c.UserName == "ann" && c.CreatedAt > DateTimeOffset.UnixEpoch)
            .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id).Take(1).ToQueryString();

        Assert.Contains("ORDER BY c[\"createdAt\"] DESC, c[\"id\"] DESC", query, StringComparison.Ordinal);
        Assert.DoesNotContain("userName\"] =", query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(Account, "https://localhost:8081/")]
    public void One_way_to_the_account_has_to_be_set(string? connectionString, string? endpoint)
    {
        using var services = Services(new()
        {
            ["Comments:Store"] = "Cosmos",
            ["Comments:ConnectionString"] = connectionString,
            ["Comments:AccountEndpoint"] = endpoint,
        });

        var problem = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<CommentOptions>>().Value);
        Assert.Contains("Comments:ConnectionString", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Comments:AccountEndpoint", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_app_takes_the_settings_that_infra_gives_it() => InfraSettingsTests.AssertTaken("Cosmos");

    private static IModel Model()
    {
        using var services = Services();
        using var scope = services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<CommentDbContext>().GetService<IDesignTimeModel>().Model;
    }

    private static ServiceProvider Services(Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            settings ?? new() { ["Comments:Store"] = "Cosmos", ["Comments:ConnectionString"] = Account });
        builder.AddStores();
        builder.AddData();
        TestApp.AllowManyStores(builder.Services);
        return builder.Services.BuildServiceProvider();
    }
}
