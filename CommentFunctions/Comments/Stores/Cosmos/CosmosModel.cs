using System.Text.Json;
using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Comments.Stores.Cosmos;

/// <summary>How the data is in the containers of Cosmos DB: partition keys, times to live, names.</summary>
public sealed class CosmosModel(ModelCustomizerDependencies dependencies) : ModelCustomizer(dependencies)
{
    // The job's rule is the time in the item; the container's time to live only catches what no run came for. It counts from an
    // item's last write, and a day more keeps it from deleting, uncounted, what the next run is about to delete.
    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);
    private static readonly TimeSpan RunsLive = TimeSpan.FromDays(31);

    /// <inheritdoc/>
    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        ArgumentNullException.ThrowIfNull(context);
        base.Customize(modelBuilder, context);
        var lifetime = (int)(context.GetService<Retention>().Age + Slack).TotalSeconds;

        // The name is the partition key and, without a property of its own for it, the id as well.
        modelBuilder.Entity<User>(user => user.ToContainer(CosmosContainers.Users.Name).HasPartitionKey(u => u.UserName).HasShadowId());
        modelBuilder.Entity<Comment>(comment =>
        {
            comment.ToContainer(CosmosContainers.Comments.Name).HasPartitionKey(c => c.UserName).HasDefaultTimeToLive(lifetime);
            comment.Property(c => c.Id).HasConversion<string>();
        });
        modelBuilder.Entity<ConversationTurn>(turn =>
            turn.ToContainer(CosmosContainers.Conversations.Name).HasPartitionKey(t => t.Conversation).HasDefaultTimeToLive(lifetime));
        modelBuilder.Entity<DeliveredReply>(reply =>
            reply.ToContainer(CosmosContainers.Deliveries.Name).HasPartitionKey(r => r.Id).HasDefaultTimeToLive(lifetime));
        modelBuilder.Entity<ExpiryRun>(run =>
        {
            run.ToContainer(CosmosContainers.Runs.Name).HasPartitionKey(r => r.Id).HasDefaultTimeToLive((int)RunsLive.TotalSeconds);
            run.Property(r => r.Id).HasConversion<string>();
        });

        foreach (var type in modelBuilder.Model.GetEntityTypes().ToList())
        {
            var entity = modelBuilder.Entity(type.ClrType);
            entity.HasNoDiscriminator();
            foreach (var property in type.GetProperties().Where(p => !p.IsShadowProperty()).ToList())
            {
                entity.Property(property.Name).ToJsonProperty(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
            }
        }
    }
}
