using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CommentFunctions.Data.Cosmos;

/// <summary>
/// How the data is in the containers of Cosmos DB: partition keys, ids, names. <see cref="ContainerPolicy"/> says what the containers are like.
/// </summary>
public sealed class CosmosModel(ModelCustomizerDependencies dependencies) : ModelCustomizer(dependencies)
{
    /// <summary>The property of each item that says which save made it.</summary>
    public const string SavedAs = "savedAs";

    private const string Id = nameof(Comment.Id);

    public override void Customize(ModelBuilder modelBuilder, DbContext context)
    {
        base.Customize(modelBuilder, context);
        foreach (var kind in RecordKinds.All)
        {
            Customize(modelBuilder.Entity(kind.Type), kind);
        }
    }

    private static void Customize(EntityTypeBuilder entity, RecordKind kind)
    {
        switch (entity.Metadata.FindProperty(Id)?.ClrType)
        {
            case null:
                // The partition key is the id as well.
                entity.HasShadowId();
                break;
            case var type when type == typeof(string):
                entity.Property(Id).HasConversion<CosmosIds>();
                break;
            default:
                entity.Property(Id).HasConversion<string>();
                break;
        }

        entity.Property<string>(SavedAs);
        foreach (var property in entity.Metadata.GetProperties().Where(p => !p.IsShadowProperty()).ToList())
        {
            entity.Property(property.Name).ToJsonProperty(ContainerPolicy.JsonName(property.Name));
        }

        entity.HasNoDiscriminator();
        entity.ToContainer(kind.Container);
        if (kind.ConcurrencyToken is not null)
        {
            entity.UseETagConcurrency();
        }

        if (kind.PartitionKey is { } key)
        {
            entity.HasPartitionKey(key);
        }
        else
        {
            // Named as the key, or EF would take the partition into it.
            entity.HasKey(Id);
            entity.Property<string>(ContainerPolicy.OnePartition);
            entity.HasPartitionKey(ContainerPolicy.OnePartition);
        }
    }
}
