using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CommentFunctions.Data.Cosmos;

/// <summary>How the data is in the containers of Cosmos DB: partition keys, ids, names. What the containers are like is <see cref="ContainerPolicy"/>'s.</summary>
public sealed class CosmosModel(ModelCustomizerDependencies dependencies) : ModelCustomizer(dependencies)
{
    /// <summary>The property of each item that says which save made it.</summary>
    public const string SavedAs = "savedAs";

    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        base.Customize(modelBuilder, context);

        // The name is the partition key and, without a property of its own for it, the id as well.
        modelBuilder.Entity<User>().HasShadowId();
        modelBuilder.Entity<Comment>().Property(comment => comment.Id).HasConversion<string>();
        modelBuilder.Entity<ConversationExchange>().Property(turn => turn.Id).HasConversion<CosmosIds>();
        modelBuilder.Entity<DeliveredReply>().UseETagConcurrency().Property(reply => reply.Id).HasConversion<CosmosIds>();
        // Named as the key, or EF would take the partition into it.
        modelBuilder.Entity<ExpiryRun>().HasKey(run => run.Id);
        modelBuilder.Entity<ExpiryRun>().Property(run => run.Id).HasConversion<string>();
        foreach (var kind in RecordKinds.All)
        {
            Customize(modelBuilder.Entity(kind.Type), kind);
        }
    }

    private static void Customize(EntityTypeBuilder entity, RecordKind kind)
    {
        entity.Property<string>(SavedAs);
        foreach (var property in entity.Metadata.GetProperties().Where(p => !p.IsShadowProperty()).ToList())
        {
            entity.Property(property.Name).ToJsonProperty(ContainerPolicy.JsonName(property.Name));
        }

        entity.HasNoDiscriminator();
        entity.ToContainer(kind.Container);
        if (kind.PartitionKey is { } key)
        {
            entity.HasPartitionKey(key);
        }
        else
        {
            entity.Property<string>(ContainerPolicy.OnePartition);
            entity.HasPartitionKey(ContainerPolicy.OnePartition);
        }
    }
}
